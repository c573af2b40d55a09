//! Facets, classes and IT systems of a generated organisation.

use super::Generator;
use crate::simulator::os2mo::Collection;
use serde_json::json;

/// Facet, user key, name and scope of each class.
const CLASSES: &[(&str, &str, &str, &str)] = &[
    ("employee_address_type", "EmailEmployee", "E-mail", "EMAIL"),
    ("employee_address_type", "EmailAlias", "E-mail alias", "EMAIL"),
    ("employee_address_type", "PhoneEmployee", "Mobil", "PHONE"),
    ("employee_address_type", "PhonePrivate", "Privat telefon", "PHONE"),
    ("employee_address_type", "LandlineEmployee", "Fastnet", "PHONE"),
    ("employee_address_type", "AdressePostEmployee", "Hjemadresse", "DAR"),
    ("employee_address_type", "LocationEmployee", "Lokale", "TEXT"),
    ("org_unit_address_type", "EmailUnit", "E-mail", "EMAIL"),
    ("org_unit_address_type", "PhoneUnit", "Telefon", "PHONE"),
    ("org_unit_address_type", "PhoneUnitLandline", "Fastnet", "PHONE"),
    ("org_unit_address_type", "AddressMailUnit", "Postadresse", "DAR"),
    ("org_unit_address_type", "Contact", "Henvendelsessted", "DAR"),
    ("org_unit_address_type", "Location", "Lokation", "DAR"),
    ("org_unit_address_type", "EAN", "EAN-nummer", "EAN"),
    ("org_unit_address_type", "p-nummer", "P-nummer", "PNUMBER"),
    ("org_unit_address_type", "WebUnit", "Webadresse", "WWW"),
    ("org_unit_address_type", "ContactOpenHours", "Åbningstid henvendelse", "TEXT"),
    ("org_unit_address_type", "PhoneOpenHours", "Telefontid", "TEXT"),
    ("org_unit_address_type", "DtrId", "DTR-id", "TEXT"),
    ("visibility", "Public", "Må vises eksternt", "PUBLIC"),
    ("visibility", "Internal", "Må vises internt", "INTERNAL"),
    ("visibility", "Secret", "Hemmelig", "SECRET"),
    ("engagement_job_function", "jf0", "Sagsbehandler", "TEXT"),
    ("engagement_job_function", "jf1", "Sygeplejerske", "TEXT"),
    ("engagement_job_function", "jf2", "Pædagog", "TEXT"),
    ("engagement_job_function", "jf3", "Lærer", "TEXT"),
    ("engagement_job_function", "jf4", "IT-konsulent", "TEXT"),
    ("engagement_job_function", "jf5", "Afdelingsleder", "TEXT"),
    ("engagement_job_function", "jf6", "Social- og sundhedsassistent", "TEXT"),
    ("engagement_job_function", "jf7", "Studentermedhjælper", "TEXT"),
    ("engagement_type", "ansat", "Ansat", "TEXT"),
    ("engagement_type", "timelønnet", "Timelønnet", "TEXT"),
    ("primary_type", "primary", "Primær", "3000"),
    ("primary_type", "explicitly-primary", "Manuelt primær ansættelse", "5000"),
    ("primary_type", "non-primary", "Ikke-primær ansættelse", "0"),
    ("org_unit_type", "Afdeling", "Afdeling", "TEXT"),
    ("org_unit_type", "Institution", "Institution", "TEXT"),
    ("org_unit_type", "Ekstern", "Ekstern enhed", "TEXT"),
    ("org_unit_level", "N1", "N1", "TEXT"),
    ("org_unit_level", "N2", "N2", "TEXT"),
    ("org_unit_level", "N3", "N3", "TEXT"),
    ("org_unit_level", "N4", "N4", "TEXT"),
    ("org_unit_level", "Teknisk", "Teknisk niveau", "TEXT"),
    ("org_unit_hierarchy", "linjeorg", "Linjeorganisation", "TEXT"),
    ("org_unit_hierarchy", "hidden", "Skjult", "TEXT"),
    ("org_unit_hierarchy", "selvejet", "Selvejende institution", "TEXT"),
    ("manager_type", "leder", "Leder", "TEXT"),
    ("manager_type", "direktor", "Direktør", "TEXT"),
    ("manager_level", "niv1", "Niveau 1", "TEXT"),
    ("manager_level", "niv2", "Niveau 2", "TEXT"),
    ("responsibility", "personale", "Personale: ansættelse/afskedigelse", "TEXT"),
    ("responsibility", "budget", "Ansvar for budget", "TEXT"),
    ("kle_aspect", "kle_udforende", "Udførende", "UDFOERENDE"),
    ("kle_aspect", "kle_ansvarlig", "Ansvarlig", "ANSVARLIG"),
    ("kle_aspect", "kle_indsigt", "Indsigt", "INDSIGT"),
    ("kle_number", "00.01.00", "Kommunens styrelse i almindelighed", "TEXT"),
    ("kle_number", "00.03.02", "Møder og udvalg", "TEXT"),
    ("kle_number", "05.01.02", "Vejforvaltning", "TEXT"),
    ("kle_number", "17.03.00", "Folkeskolens undervisning", "TEXT"),
    ("kle_number", "27.36.04", "Hjemmehjælp", "TEXT"),
    ("kle_number", "27.69.08", "Botilbud", "TEXT"),
    ("kle_number", "81.03.00", "Personaleforhold", "TEXT"),
    ("kle_number", "85.02.02", "IT-drift", "TEXT"),
];

/// User key and name of each IT system.
const SYSTEMS: [(&str, &str); 4] = [
    ("Active Directory", "Active Directory"),
    ("FK-ORG-UUID", "FK-ORG UUID"),
    ("SD", "SD Løn"),
    ("INTRA", "Intranet"),
];

pub(super) const JOB_FUNCTIONS: [&str; 8] = ["jf0", "jf1", "jf2", "jf3", "jf4", "jf5", "jf6", "jf7"];
pub(super) const KLE_NUMBERS: [&str; 8] =
    ["00.01.00", "00.03.02", "05.01.02", "17.03.00", "27.36.04", "27.69.08", "81.03.00", "85.02.02"];
pub(super) const KLE_ASPECTS: [&str; 3] = ["kle_udforende", "kle_ansvarlig", "kle_indsigt"];

pub(super) fn generate(generator: &mut Generator) {
    for (facet, user_key, name, scope) in CLASSES {
        if !generator.known.contains_key(facet) {
            let uuid = generator.put(Collection::Facets, None, None, &[("user_key", json!(facet))]);
            generator.known.insert(facet, uuid.to_string());
        }
        let members = [
            ("user_key", json!(user_key)),
            ("name", json!(name)),
            ("scope", json!(scope)),
            ("facet_uuid", generator.of(facet)),
        ];
        let uuid = generator.put(Collection::Classes, None, None, &members);
        generator.known.insert(user_key, uuid.to_string());
    }
    for (user_key, name) in SYSTEMS {
        let members = [("user_key", json!(user_key)), ("name", json!(name))];
        let uuid = generator.put(Collection::Itsystems, None, None, &members);
        generator.known.insert(user_key, uuid.to_string());
    }
}
