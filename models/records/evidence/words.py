"""The words of the evidence report in both languages, and the letter that lies on top of the pack."""

WORDS: dict[str, dict[str, str]] = {
    "en": {
        "title": "Evidence, case",
        "made": "Made on",
        "made_by": "by",
        "about": "Each exhibit is one message. The originals are unaltered, byte for byte, and may name other people in "
        "the author's own words; everything else in this pack names nobody but the author and the staff who acted. The "
        "pictures are renderings that Porthor drew, not screenshots of a platform. What the machine found is an opinion, "
        "not a finding.",
        "key": "Fingerprint of the signing key",
        "verify": "Compare it with the one that the organisation gives you by another way, then run: porthor evidence verify FILE",
        "person": "Whose messages these are",
        "exhibits": "Exhibits",
        "exhibit": "Exhibit",
        "channel": "Channel",
        "author": "Author",
        "unproven": "the origin of this mail is not proven",
        "sent": "Sent, as the sender's device claims",
        "received": "Received",
        "taken_in": "Taken in",
        "kept": "Kept as evidence",
        "id": "Where it lies on the platform",
        "version": "Version",
        "clauses": "Clauses of the policy",
        "found": "Found by the machine",
        "custody": "Chain of custody",
        "whole": "The audit trail is whole: each event fits the one before",
        "broken": "The audit trail does not fit from event",
        "when": "When",
        "who": "Who",
        "what": "What",
        "trail": "In the trail",
    },
    "cy": {
        "title": "Tystiolaeth, achos",
        "made": "Lluniwyd ar",
        "made_by": "gan",
        "about": "Un neges yw pob eitem. Nid yw'r rhai gwreiddiol wedi'u newid, beit am feit, a gallant enwi pobl eraill yng "
        "ngeiriau'r awdur; nid yw dim arall yn y pecyn hwn yn enwi neb ond yr awdur a'r staff a weithredodd. Darluniadau a "
        "luniodd Porthor yw'r lluniau, nid sgrinluniau o blatfform. Barn yw'r hyn a ganfu'r peiriant, nid dyfarniad.",
        "key": "Ôl bys yr allwedd lofnodi",
        "verify": "Cymharwch ef â'r un y mae'r sefydliad yn ei roi i chi drwy ffordd arall, yna rhedwch: porthor evidence verify FFEIL",
        "person": "Negeseuon pwy yw'r rhain",
        "exhibits": "Eitemau",
        "exhibit": "Eitem",
        "channel": "Sianel",
        "author": "Awdur",
        "unproven": "ni phrofwyd tarddiad yr e-bost hwn",
        "sent": "Anfonwyd, yn ôl dyfais yr anfonwr",
        "received": "Derbyniwyd",
        "taken_in": "Cymerwyd i mewn",
        "kept": "Cadwyd fel tystiolaeth",
        "id": "Ble mae ar y platfform",
        "version": "Fersiwn",
        "clauses": "Cymalau'r polisi",
        "found": "Canfuwyd gan y peiriant",
        "custody": "Cadwyn gadwraeth",
        "whole": "Mae'r trywydd archwilio yn gyfan: mae pob digwyddiad yn ffitio'r un o'i flaen",
        "broken": "Nid yw'r trywydd archwilio'n ffitio o ddigwyddiad",
        "when": "Pryd",
        "who": "Pwy",
        "what": "Beth",
        "trail": "Yn y trywydd",
    },
}

READ_ME = """EVIDENCE PACK / PECYN TYSTIOLAETH

report.en.pdf, report.cy.pdf   what is here, with times, hashes and the chain of custody
exhibits/NNN/original-vN.*     each version of a message as it came, byte for byte
exhibits/NNN/headers-vN.txt    the header lines of a mail, cut from the original
exhibits/NNN/rendering-vN.png  a rendering drawn by Porthor from the stored text; NOT a screenshot
exhibits/NNN/kept/             what the platform gave besides
exhibits/NNN/record.json       times (UTC and London), author, hashes
custody.json                   the chain of custody, with the numbers and digests of the audit trail
SHA256SUMS                     the hash of every file; check with: sha256sum -c SHA256SUMS
SHA256SUMS.sig                 Ed25519 signature of SHA256SUMS, raw, 64 bytes
public_key.pem                 the key that signed; compare its fingerprint with the one you were given

Check everything: porthor evidence verify FILE
Without Porthor:  openssl pkeyutl -verify -pubin -inkey public_key.pem -rawin -in SHA256SUMS -sigfile SHA256SUMS.sig

Each exhibit is one message of one person. The originals may name other people in the author's own words.

Un neges gan un person yw pob eitem. Mae'r adroddiad Cymraeg yn report.cy.pdf. Darluniadau gan Porthor yw'r lluniau,
nid sgrinluniau. Gall y rhai gwreiddiol enwi pobl eraill yng ngeiriau'r awdur. I wirio'r cyfan: porthor evidence verify FFEIL
"""
