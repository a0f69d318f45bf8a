//! Mistakes with a site's own actions: from a playbook that uses one to a site that
//! carries it out.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use rye_tests::namespace::as_root;
use rye_tests::transcript::Transcript;

use crate::{RUN, bundle, desk, edit};

const SOURCE: &str = "keep_out/keep_out.rye";

const INTERFACE: &str = "
/// Opens a ticket.
action open(title: Text)
    undo close(title: title)
    timeout 30s

/// Closes it.
action close(title: Text)
    undo none \"it can be opened again\"
    timeout 10s
";

/// Does nothing, and says that it did.
const PROGRAM: &str = "#!/usr/bin/python3
import json, struct, sys
(length,) = struct.unpack('>I', sys.stdin.buffer.read(4))
key = json.loads(sys.stdin.buffer.read(length))['key']
answer = json.dumps({'protocol': 1, 'key': key, 'ending': 'done'}).encode()
sys.stdout.buffer.write(struct.pack('>I', len(answer)) + answer)
";

#[test]
fn an_action_of_the_site_that_is_not_bound_yet() {
    as_root(|| {
        let site = desk();
        let mut terminal = Transcript::new(&site, "An action of the site's own, bound in haste.");
        fs::create_dir_all(site.at("keep_out/interfaces/site")).expect("a folder");
        site.write("keep_out/interfaces/site/desk.rye", INTERFACE);
        edit(&site, SOURCE, "use std.firewall", "use site.desk\nuse std.firewall");
        let block = "        do firewall.block(";
        edit(&site, SOURCE, block, &format!("        do desk.open(title: \"look\")\n{block}"));
        bundle(&site, "");
        let told = terminal.run(RUN);
        assert_eq!(
            (told.code, told.help()),
            (3, String::from("bind `site.desk` in the site file"))
        );

        let command = "ryec interface site.desk --interfaces keep_out/interfaces -o desk.interface";
        site.fine(command);
        site.write("desk", PROGRAM);
        fs::set_permissions(site.at("desk"), fs::Permissions::from_mode(0o757)).expect("ours");
        let before = fs::read_to_string(site.at("site.toml")).expect("the site file");
        let binding = format!(
            "\n[process.\"site.desk\"]\ninterface = \"{}\"\nprogramm = \"{}\"\n",
            site.at("desk.interface"),
            site.at("desk"),
        );
        site.write("site.toml", before + &binding);
        terminal.note("bound, with a slip of the pen");
        let told = terminal.run(RUN);
        assert_eq!((told.code, told.help()), (1, String::from("did you mean `program`?")));
        edit(&site, "site.toml", "programm = ", "program = ");

        terminal.note("`program` it is");
        let told = terminal.run(RUN);
        assert_eq!((told.code, told.command()), (1, format!("chmod go-w {}", site.at("desk"))));
        terminal.run(&told.command());
        assert_eq!(terminal.run(RUN).code, 0);
        assert!(site.attacker_is_cut_off());
        terminal.check("mistakes/unbound_action.txt");
    });
}

#[test]
fn an_interface_that_was_changed_after_it_was_bound() {
    as_root(|| {
        let site = desk();
        let mut terminal =
            Transcript::new(&site, "An interface that says something else than the bound one.");
        fs::create_dir_all(site.at("keep_out/interfaces/site")).expect("a folder");
        site.write("keep_out/interfaces/site/desk.rye", INTERFACE);
        let write = "ryec interface site.desk --interfaces keep_out/interfaces -o desk.interface";
        site.fine(write);
        site.write("desk", PROGRAM);
        fs::set_permissions(site.at("desk"), fs::Permissions::from_mode(0o755)).expect("ours");
        let before = fs::read_to_string(site.at("site.toml")).expect("the site file");
        let binding = format!(
            "\n[process.\"site.desk\"]\ninterface = \"{}\"\nprogram = \"{}\"\n",
            site.at("desk.interface"),
            site.at("desk"),
        );
        site.write("site.toml", before + &binding);
        edit(&site, SOURCE, "use std.firewall", "use site.desk\nuse std.firewall");
        let block = "        do firewall.block(";
        edit(&site, SOURCE, block, &format!("        do desk.open(title: \"look\")\n{block}"));
        edit(&site, "keep_out/interfaces/site/desk.rye", "timeout 30s", "timeout 20s");
        bundle(&site, "");
        let told = terminal.run(RUN);
        assert_eq!((told.code, told.command()), (3, String::from("ryec interface site.desk")));
        assert_eq!(terminal.run(write).code, 0);
        assert_eq!(terminal.run(RUN).code, 0);
        assert!(site.attacker_is_cut_off());
        terminal.check("mistakes/changed_interface.txt");
    });
}
