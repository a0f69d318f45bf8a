use super::*;

#[test]
fn the_hierarchy_is_found_wherever_it_is_mounted() {
    for (line, point) in [
        (
            "41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw",
            Some("/sys/fs/cgroup/unified"),
        ),
        (
            "55 110 0:38 /a/b /sys/fs/cgroup rw shared:14 - cgroup2 cgroup rw",
            Some("/sys/fs/cgroup"),
        ),
        ("32 31 0:29 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu", None),
        ("32 31 0:29 / /a\\040b rw - cgroup2 cgroup rw", None),
        ("32 31 0:29 / /cgroup2 rw - tmpfs cgroup2 rw", None),
        ("32 31", None),
    ] {
        assert_eq!(mount_point(line).as_deref(), point, "{line}");
    }
}
