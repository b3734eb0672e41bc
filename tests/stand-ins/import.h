/*
 * Replaces a function that the program imports, for the stand-ins of functions in DLLs that Wine always
 * takes from its own folder, such as advapi32.dll.
 */
#include <string.h>
#include <windows.h>

/* Has the program call one of these where it would call the function of that name. */
static inline void replace_import(const char *name, void *function)
{
    BYTE *base = (BYTE *)GetModuleHandleW(NULL);
    IMAGE_NT_HEADERS *headers = (IMAGE_NT_HEADERS *)(base + ((IMAGE_DOS_HEADER *)base)->e_lfanew);
    IMAGE_DATA_DIRECTORY *place = &headers->OptionalHeader.DataDirectory[IMAGE_DIRECTORY_ENTRY_IMPORT];
    IMAGE_IMPORT_DESCRIPTOR *dll = (IMAGE_IMPORT_DESCRIPTOR *)(base + place->VirtualAddress);

    for (; dll->Name; dll++) {
        IMAGE_THUNK_DATA *names = (IMAGE_THUNK_DATA *)(base + dll->OriginalFirstThunk);
        IMAGE_THUNK_DATA *functions = (IMAGE_THUNK_DATA *)(base + dll->FirstThunk);

        for (; names->u1.AddressOfData; names++, functions++) {
            const IMAGE_IMPORT_BY_NAME *import = (const void *)(base + names->u1.AddressOfData);
            DWORD protection;

            if (IMAGE_SNAP_BY_ORDINAL(names->u1.Ordinal) || strcmp((const char *)import->Name, name))
                continue;
            VirtualProtect(&functions->u1.Function, sizeof(void *), PAGE_READWRITE, &protection);
            functions->u1.Function = (ULONGLONG)function;
            VirtualProtect(&functions->u1.Function, sizeof(void *), protection, &protection);
        }
    }
}
