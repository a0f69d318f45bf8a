//! Every maximum of the system, in one table: name, value, unit, reason.
//!
//! The unit stands last in the name. A limit that is passed is a typed error of
//! the stage that enforces it, never a silent cut.

macro_rules! limits {
    ($($name:ident: $ty:ty = $value:expr, $unit:literal, $reason:literal;)*) => {
        $(
            #[doc = concat!($reason, " (", $unit, ")")]
            pub const $name: $ty = $value;
        )*

        /// The table itself, for the reference page: name, value, unit, reason.
        pub const TABLE: &[(&str, u64, &str, &str)] =
            &[$((stringify!($name), $name as u64, $unit, $reason)),*];
    };
}

limits! {
    SOURCE_BYTES_MAX: usize = 1 << 20, "bytes", "one source file: spans are 32-bit, and a playbook that long can't be reviewed";
    SOURCE_FILES_MAX: usize = 1_000, "files", "sources of one package: what more can be reviewed together";
    SOURCE_FOLDER_DEPTH_MAX: usize = 16, "levels", "folders of sources inside each other: the search recurses";
    PACKAGE_FILE_BYTES_MAX: usize = 64 << 10, "bytes", "a `rye.toml`: a name, a version and some folders";
    INTERFACE_FOLDERS_MAX: usize = 32, "folders", "interfaces of one package: each is walked at each check";
    NESTING_DEPTH_MAX: usize = 64, "levels", "nested blocks and expressions in source: the front end recurses";
    DIAGNOSTICS_MAX: usize = 100, "diagnostics", "reported for one compilation: more help nobody";
    ELEMENTS_DEFAULT_MAX: u32 = 1_000, "elements", "a list or map without a `max` of its own";
    ELEMENTS_MAX: u32 = 1_000_000, "elements", "the largest `max` that a list or map type may name";
    TEXT_DEFAULT_BYTES_MAX: u32 = 4 << 10, "bytes", "a text without a `max` of its own";
    TEXT_BYTES_MAX: u32 = 64 << 10, "bytes", "the largest text, and the largest `max` that a text type may name";
    BYTES_DEFAULT_BYTES_MAX: u32 = 64 << 10, "bytes", "a `Bytes` value without a `max` of its own";
    MEMBERS_MAX: usize = 255, "members", "fields of a record and alternatives of an enum: an operand is one byte";
    VALUE_DEPTH_MAX: usize = 16, "levels", "nesting of values and types: deep values must not exhaust the stack";
    REGISTERS_MAX: usize = 256, "slots", "registers of one function: an operand is one byte";
    FUNCTIONS_MAX: usize = 1_024, "functions", "functions of one module";
    INSTRUCTIONS_MAX: usize = 65_535, "instructions", "instructions of one function: a label is 16 bits";
    OPERANDS_MAX: usize = 255, "registers", "registers that one operand lists: their number is one byte";
    TYPES_MAX: usize = 1_024, "types", "types of one module";
    TYPE_PARTS_MAX: u32 = 4_096, "types", "types that one type is made of when all are written out: describing it walks them";
    CONSTANTS_BYTES_MAX: usize = 1 << 20, "bytes", "the constant pool of one module";
    SITES_MAX: usize = 65_535, "sites", "calls of actions, queries and notices of one module: a site's index is 16 bits";
    SETTINGS_MAX: usize = 256, "settings", "values that a site may set for one module";
    CALL_DEPTH_MAX: usize = 32, "calls", "functions that call each other";
    LOOP_DEPTH_MAX: usize = 8, "loops", "loops inside each other in one function";
    QUESTIONS_MAX: usize = 1_024, "questions", "questions to people of one module: as many as functions";
    QUESTION_ROLES_MAX: usize = 16, "roles", "roles that one question names: who may answer must be read at a glance";
    APPROVERS_MAX: u8 = 16, "people", "people who must all say yes to one question: more are never reached in time";
    LISTED_EFFECTS_MAX: usize = 64, "effects", "effects that one box of a question lists: nobody reads more before a yes";
    APPROVAL_BOXES_MAX: u32 = 100, "boxes", "items of one `approve each`: nobody reads more before a yes";
    QUESTION_BYTES_MAX: usize = 256 << 10, "bytes", "all that one question shows: nobody reads more, and it must fit one value of the journal";
    RUN_QUESTIONS_MAX: usize = 1_000, "questions", "questions that one run may ask: a loop that asks more floods the people";
    REASON_BYTES_MAX: usize = 1 << 10, "bytes", "the reason that a person gives: a sentence or two";
    FRAME_DEPTH_MAX: usize = 16, "frames", "compensation frames inside each other";
    PAYLOAD_BYTES_MAX: usize = 4 << 20, "bytes", "the payload of a bundle";
    SIGNATURES_MAX: usize = 16, "signatures", "signatures on one signed object";
    SECTIONS_MAX: usize = 64, "sections", "sections of one bundle: their kinds are few and known";
    ENTRY_POINTS_MAX: usize = 64, "entry points", "playbooks that one bundle offers: what more can be reviewed together";
    CAPABILITIES_MAX: usize = 256, "capabilities", "actions, queries and notices that one bundle uses";
    AUDIENCE_MAX: usize = 16, "environments", "environments that one bundle is meant for";
    BUNDLE_NAME_BYTES_MAX: usize = 128, "bytes", "the name of a bundle, and a prefix of such names";
    ACTION_NAME_BYTES_MAX: usize = 128, "bytes", "the full name of an action, query or notice";
    LABEL_BYTES_MAX: usize = 64, "bytes", "the other names in signed objects: owners, roles, environments, versions";
    BUNDLE_LIFETIME_SECONDS_MAX: u64 = 400 * 86_400, "seconds", "from a bundle's making to its expiry: signed once must not mean for ever";
    CLOCK_BACKWARD_SECONDS_MAX: u64 = 300, "seconds", "how far the clock may be behind what the journal has seen: turning it back must not revive what expired";
    TRUST_KEYS_MAX: usize = 256, "keys", "keys of one trust root, and owners of one role";
    TRUST_ROLES_MAX: usize = 64, "roles", "signer roles, and people's roles, of one trust root; prefixes of one role";
    RESET_COUNTERS_MAX: usize = 64, "names", "bundles whose versions one trust root lets begin anew: it is a repair, not a habit";
    REVOKED_MAX: usize = 4_096, "entries", "revoked keys, bundles and names, of each sort: more is a reason for another trust root";
    REVOCATIONS_LIFE_SECONDS_MAX: u64 = 30 * 86_400, "seconds", "from a revocation list's making to its next update: whoever keeps the next one back must not hide it for long";
    REVOCATIONS_GRACE_SECONDS: u64 = 86_400, "seconds", "how long after its next update a revocation list still counts as fresh: a signer may be asleep";
    KEY_DERIVATION_BYTES_MAX: u64 = 1 << 30, "bytes", "memory that reading one encrypted key may take: a file must not exhaust the machine";
    SIGNER_ANSWER_SECONDS_MAX: u64 = 120, "seconds", "a program that signs may take: its device waits for a touch";
    PASSPHRASE_BYTES_MAX: usize = 1 << 10, "bytes", "a passphrase: more than anybody types";
    KEY_FILE_BYTES_MAX: usize = 1 << 10, "bytes", "the file of one key: three short lines";
    TRUST_FILE_BYTES_MAX: usize = 1 << 20, "bytes", "the description of a trust root: more than its most keys and roles need";
    INPUT_BYTES_MAX: usize = 256 << 10, "bytes", "the input of a run";
    JSON_DEPTH_MAX: u32 = 128, "levels", "lists and objects inside each other in a part of an input that no type names: one bit each";
    FOUND_URL_BYTES_MAX: usize = 2_048, "bytes", "a URL that is found in a text: longer ones are passed over";
    ANSWER_BYTES_MAX: usize = 64 << 10, "bytes", "what an adapter may answer";
    PROGRAM_OUTPUT_BYTES_MAX: usize = 16 << 20, "bytes", "what a program that an adapter starts may print: more than any packet filter of a sane size";
    PROGRAM_COMPLAINT_BYTES_MAX: usize = 64 << 10, "bytes", "what is kept of a program's complaints; the rest is read and dropped, so that it never waits";
    SITE_ANSWER_BYTES_MAX: usize = 256 << 10, "bytes", "the JSON in which a site's own adapter answers: more than the largest answer needs";
    SITE_REQUEST_BYTES_MAX: usize = 2 << 20, "bytes", "the JSON in which a site's own adapter is asked: more than the largest arguments need";
    BINDING_ARGUMENTS_MAX: usize = 64, "arguments", "fixed arguments of a site's program: what is more belongs into its own file";
    BINDING_VERBS_MAX: usize = 256, "verbs", "actions, queries and notices of one interface: what one bundle may use";
    SYSLOG_MESSAGE_BYTES_MAX: usize = 8 << 10, "bytes", "one message to a log server, most of which take no longer one; a longer text is cut with a mark";
    ADAPTER_FILE_BYTES_MAX: usize = 1 << 20, "bytes", "one file that an adapter's configuration names: certificates, a secret";
    PROCESSES_SHOWN_MAX: usize = 100, "processes", "processes that one answer of `std.host.process` tells of: more help nobody";
    COMMAND_LINE_CHARS_MAX: usize = 200, "characters", "the command line of a process that is shown: so many of them fit an answer";
    CONTROL_GROUP_DEPTH_MAX: usize = 16, "levels", "control groups inside each other below one that is frozen: the search recurses";
    SERVICE_UNITS_MAX: usize = 32, "units", "a service and the units that would start it: more is no service";
    EVIDENCE_JOURNAL_LINES: usize = 5_000, "lines", "the end of a machine's journal that is kept as evidence";
    EVIDENCE_WARNINGS_MAX: usize = 64, "warnings", "what an archive of evidence complains of";
    SITE_FILE_BYTES_MAX: usize = 1 << 20, "bytes", "the site file: more than a long protected list needs";
    CALLS_IN_FLIGHT_MAX: usize = 256, "calls", "calls of adapters under way at once, those that nobody waits for any more included: each has a thread";
    COMPLAINT_TAIL_BYTES_MAX: usize = 512, "bytes", "the last of what a site's program complained of, as people are shown it where it failed";
    ADAPTER_TEXT_BYTES_MAX: usize = 1 << 10, "bytes", "the text of an error that an adapter answers";
    QUOTA_SPAN_SECONDS_MAX: u32 = 31 * 86_400, "seconds", "the span of a quota: what was done in it is kept in memory";
    QUOTA_MOST_MAX: u64 = 100_000, "assets or acts", "what a quota may allow: more is no quota, and they are kept in memory";
    ALERT_TEXT_BYTES_MAX: usize = 1 << 10, "bytes", "what the engine tells operators, without what they can type next: it is read at night, on a telephone";
    ROLLBACK_EFFECTS_MAX: usize = 1_000, "effects", "effects that one rollback names: their ids stand in one entry";
    RENEWAL_SECONDS_MAX: u32 = 31 * 86_400, "seconds", "how long an effect may be renewed at once: somebody looks at it at least every month";
    INBOX_MESSAGE_BYTES_MAX: usize = 64 << 10, "bytes", "one message in the inbox";
    ENTRY_BYTES_MAX: usize = 64 << 10, "bytes", "one journal entry";
    VALUE_BYTES_MAX: usize = 1 << 20, "bytes", "one value that a journal entry commits to";
    GROUP_ENTRIES_MAX: usize = 1_024, "entries", "entries that share one flush";
    GROUP_BYTES_MAX: usize = 1 << 20, "bytes", "bytes that share one flush";
    APPEND_BYTES_MAX: usize = 4 << 20, "bytes", "entries and values of one append, with their framing: they are one group";
    COMMIT_QUEUE_BYTES_MAX: usize = 16 << 20, "bytes", "what may wait for the committer: whoever brings more waits too";
    RESERVE_BYTES: u64 = 1 << 20, "bytes", "kept aside for the day on which the disk is full";
    RESERVE_APPEND_BYTES_MAX: usize = 16 << 10, "bytes", "one append that may use the reserve, with its framing: refusals and holds are small";
    INDEX_TAIL_BYTES_MAX: usize = 16 << 20, "bytes", "committed groups that wait for the index in memory: what comes after them it reads from the segments";
    INDEX_CACHE_BYTES: u64 = 64 << 20, "bytes", "what the index's database keeps in memory: it takes several times that";
    INDEX_WAIT_SECONDS_MAX: u64 = 10, "seconds", "anybody waits for the index: one that hangs must not hang the daemon";
    INBOX_MESSAGES_MAX: usize = 4_096, "messages", "listed at once: the rest waits for the next look";
    BLOB_BYTES_MAX: usize = 5 << 20, "bytes", "one file kept by digest: a bundle's payload and its signatures";
    FINDINGS_MAX: usize = 1_000, "findings", "reported for one journal: more help nobody";
    SEGMENT_BYTES_MAX: u64 = 64 << 20, "bytes", "one segment file of the journal";
    RUN_MEMORY_BYTES_MAX: usize = 64 << 20, "bytes", "what one run's machine may allocate in its life";
    RUN_FUEL_MAX: u64 = 1 << 40, "fuel", "what one run's machine may compute in its life";
}
