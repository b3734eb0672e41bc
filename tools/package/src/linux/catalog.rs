//! The catalogue: the list of a package's files by their hashes. Windows checks a driver
//! package against it before it accepts the package.
//!
//! It is a certificate trust list in a PKCS #7 message, like the one that the kit's `Inf2Cat`
//! writes for Windows 10: version 2, which names each member by its hash. It lists each file
//! twice, by SHA-256 and by SHA-1, because Windows may look for either. [MS-CAESO] specifies the
//! trust list's fields. `Wintrust.h` and `Mscat.h` have the object identifiers and the attributes'
//! structures.
//!
//! [MS-CAESO]: https://learn.microsoft.com/openspecs/windows_protocols/ms-caeso/

use anyhow::{Context as _, Result};
use authenticode::{
    DigestInfo, SPC_INDIRECT_DATA_OBJID, SpcAttributeTypeAndOptionalValue, SpcIndirectDataContent,
    authenticode_digest,
};
use cms::content_info::{CmsVersion, ContentInfo};
use cms::signed_data::{EncapsulatedContentInfo, SignedData, SignerInfos};
use der::asn1::{BmpString, Null, ObjectIdentifier, OctetString, SetOfVec, UtcTime};
use der::oid::db::rfc5911::ID_SIGNED_DATA;
use der::oid::db::rfc5912::ID_SHA_256;
use der::{Any, DateTime, Encode as _, Sequence, Tag, TagNumber, ValueOrd};
use object::read::pe::PeFile64;
use sha1::Sha1;
use sha2::{Digest as _, Sha256};
use x509_cert::attr::Attribute;
use x509_cert::spki::AlgorithmIdentifierOwned;

/// `szOID_CTL`.
const TRUST_LIST: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.311.10.1");
/// `szOID_CATALOG_LIST`.
const CATALOG_LIST: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.311.12.1.1");
/// `szOID_CATALOG_LIST_MEMBER2`.
const CATALOG_MEMBER_2: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.311.12.1.3");
/// `CAT_NAMEVALUE_OBJID`.
const NAME_AND_VALUE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.311.12.2.1");
/// `CAT_MEMBERINFO2_OBJID`.
const MEMBER_INFORMATION_2: ObjectIdentifier =
    ObjectIdentifier::new_unwrap("1.3.6.1.4.1.311.12.2.3");
/// `SPC_PE_IMAGE_DATA_OBJID`.
const IMAGE_DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.311.2.1.15");
/// `SPC_CAB_DATA_OBJID`, also for files without a structure of their own.
const FILE_DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.311.2.1.25");

/// `CRYPTCAT_ATTR_AUTHENTICATED`, `_NAMEASCII` and `_DATAASCII`.
const IS_PLAIN_TEXT: u32 = 0x1001_0001;

/// Windows 10 and later, in the notation of catalogues: the platform, 2 for the NT family, and its
/// version.
const WINDOWS_10: &str = "2:10.0";

/// A file of the package, hashed.
#[derive(Debug)]
pub(super) struct Member {
    name: String,
    is_image: bool,
    sha256: [u8; 32],
    sha1: [u8; 20],
}

impl Member {
    /// Hashes a file. The hash of an image excludes the parts that a signature changes: the
    /// checksum and the signature itself.
    pub(super) fn new(name: &str, content: &[u8]) -> Result<Self> {
        let (mut sha256, mut sha1) = (Sha256::new(), Sha1::new());
        let is_image = content.starts_with(b"MZ");
        if is_image {
            let image = PeFile64::parse(content).context("not a 64-bit PE image")?;
            authenticode_digest(&image, &mut sha256)
                .context("its sections overlap or end early")?;
            authenticode_digest(&image, &mut sha1).context("its sections overlap or end early")?;
        } else {
            sha256.update(content);
            sha1.update(content);
        }
        Ok(Self {
            name: name.to_owned(),
            is_image,
            sha256: sha256.finalize().into(),
            sha1: sha1.finalize().into(),
        })
    }

    /// The two entries of the list.
    fn subjects(&self) -> der::Result<[Subject; 2]> {
        let described = [
            attribute(MEMBER_INFORMATION_2, empty(TagNumber::N2)?)?,
            attribute(NAME_AND_VALUE, name_and_value("File", &self.name)?)?,
            attribute(NAME_AND_VALUE, name_and_value("OSAttr", WINDOWS_10)?)?,
        ];
        let mut hashed = described.to_vec();
        hashed.push(attribute(SPC_INDIRECT_DATA_OBJID, Any::encode_from(&self.indirect_data()?)?)?);
        Ok([Subject::new(&self.sha256, hashed)?, Subject::new(&self.sha1, described.to_vec())?])
    }

    fn indirect_data(&self) -> der::Result<SpcIndirectDataContent> {
        let data = if self.is_image {
            SpcAttributeTypeAndOptionalValue {
                value_type: IMAGE_DATA,
                value: Any::encode_from(&ImageData {
                    // Every signed image has these flags: bits 1 and 3 of 3.
                    flags: der::asn1::BitString::new(5, [0xA0])?,
                    file: no_file()?,
                })?,
            }
        } else {
            SpcAttributeTypeAndOptionalValue { value_type: FILE_DATA, value: no_file()? }
        };
        let algorithm = AlgorithmIdentifierOwned {
            oid: ID_SHA_256,
            parameters: Some(Any::encode_from(&Null)?),
        };
        let digest = OctetString::new(self.sha256)?;
        Ok(SpcIndirectDataContent {
            data,
            message_digest: DigestInfo { digest_algorithm: algorithm, digest },
        })
    }
}

/// `SpcPeImageData`.
#[derive(Sequence)]
struct ImageData {
    flags: der::asn1::BitString,
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT")]
    file: Any,
}

/// `CAT_NAMEVALUE`: the value is text in UTF-16 with a NUL.
#[derive(Sequence)]
struct NameAndValue {
    name: BmpString,
    flags: u32,
    value: OctetString,
}

/// `CTL_ENTRY`.
#[derive(Sequence, ValueOrd)]
struct Subject {
    identifier: OctetString,
    attributes: SetOfVec<Attribute>,
}

impl Subject {
    fn new(hash: &[u8], attributes: Vec<Attribute>) -> der::Result<Self> {
        Ok(Self { identifier: OctetString::new(hash)?, attributes: attributes.try_into()? })
    }
}

/// `CTL_INFO`.
#[derive(Sequence)]
struct TrustList {
    usage: Vec<ObjectIdentifier>,
    identifier: OctetString,
    this_update: UtcTime,
    subject_algorithm: AlgorithmIdentifierOwned,
    subjects: Vec<Subject>,
}

/// Encodes the unsigned catalogue of these files. The same files and day give the same bytes.
pub(super) fn encode(members: &[Member], day: DateTime) -> der::Result<Vec<u8>> {
    let mut subjects = Vec::new();
    for member in members {
        subjects.extend(member.subjects()?);
    }
    subjects.sort_by(|one, other| one.identifier.as_bytes().cmp(other.identifier.as_bytes()));

    // The identifier may be any number that no other list has.
    let mut identifier = Sha256::new();
    for subject in &subjects {
        identifier.update(subject.identifier.as_bytes());
    }
    let list = TrustList {
        usage: vec![CATALOG_LIST],
        identifier: OctetString::new(&identifier.finalize()[..16])?,
        this_update: UtcTime::from_date_time(day)?,
        subject_algorithm: AlgorithmIdentifierOwned {
            oid: CATALOG_MEMBER_2,
            parameters: Some(Any::encode_from(&Null)?),
        },
        subjects,
    };
    let message = SignedData {
        version: CmsVersion::V1,
        digest_algorithms: SetOfVec::new(),
        encap_content_info: EncapsulatedContentInfo {
            econtent_type: TRUST_LIST,
            econtent: Some(Any::encode_from(&list)?),
        },
        certificates: None,
        crls: None,
        signer_infos: SignerInfos(SetOfVec::new()),
    };
    ContentInfo { content_type: ID_SIGNED_DATA, content: Any::encode_from(&message)? }.to_der()
}

fn attribute(oid: ObjectIdentifier, value: Any) -> der::Result<Attribute> {
    Ok(Attribute { oid, values: vec![value].try_into()? })
}

fn name_and_value(name: &str, value: &str) -> der::Result<Any> {
    let value: Vec<u8> = value.encode_utf16().chain([0]).flat_map(u16::to_le_bytes).collect();
    Any::encode_from(&NameAndValue {
        name: BmpString::from_utf8(name)?,
        flags: IS_PLAIN_TEXT,
        value: OctetString::new(value)?,
    })
}

/// `SpcLink` to a file without a name: `[2] { [0] "" }`.
fn no_file() -> der::Result<Any> {
    let name = empty(TagNumber::N0)?.to_der()?;
    Any::new(Tag::ContextSpecific { constructed: true, number: TagNumber::N2 }, name)
}

/// A context-specific value without content.
fn empty(number: TagNumber) -> der::Result<Any> {
    Any::new(Tag::ContextSpecific { constructed: false, number }, [])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn catalogue(files: &[(&str, &[u8])], day: u8) -> Vec<u8> {
        let members: Vec<_> =
            files.iter().map(|(name, content)| Member::new(name, content).unwrap()).collect();
        encode(&members, DateTime::new(2026, 3, day, 0, 0, 0).unwrap()).unwrap()
    }

    #[test]
    fn files_and_day_but_not_their_order_determine_every_byte() {
        let one: (&str, &[u8]) = ("a.inf", b"1");
        let other: (&str, &[u8]) = ("b.txt", b"2");
        let first = catalogue(&[one, other], 9);
        assert_eq!(first, catalogue(&[other, one], 9));
        assert_ne!(first, catalogue(&[one, other], 10));
        assert_ne!(first, catalogue(&[one, ("b.txt", b"3")], 9));
        assert_ne!(first, catalogue(&[one, ("c.txt", b"2")], 9));
    }

    #[test]
    fn a_file_is_listed_by_both_hashes_of_its_content() {
        let bytes = catalogue(&[("a.inf", b"abc")], 9);
        let contains = |hash: &[u8]| bytes.windows(hash.len()).filter(|part| *part == hash).count();
        // Once as the name of the entry, and once in the file's attributes.
        assert_eq!(contains(&Sha256::digest(b"abc")), 2);
        assert_eq!(contains(&Sha1::digest(b"abc")), 1);
    }

    #[test]
    fn an_unreadable_image_is_an_error() {
        assert!(Member::new("a.sys", b"MZ and nothing else").is_err());
    }
}
