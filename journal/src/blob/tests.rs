use super::*;

#[test]
fn a_blob_is_kept_until_it_is_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let blobs = Blobs::at(folder.path());
    let digest = Digest([7; 32]);
    assert_eq!(blobs.get(digest).unwrap(), None);
    blobs.put(digest, b"first").unwrap();
    blobs.put(digest, b"second").unwrap();
    assert_eq!(blobs.get(digest).unwrap().unwrap(), b"second");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left behind");
}

#[test]
fn a_blob_is_bounded() {
    let folder = tempfile::tempdir().unwrap();
    let blobs = Blobs::at(folder.path());
    let digest = Digest([7; 32]);
    blobs.put(digest, &vec![0; BLOB_BYTES_MAX]).unwrap();
    assert_eq!(blobs.get(digest).unwrap().unwrap().len(), BLOB_BYTES_MAX);
    assert!(blobs.put(digest, &vec![0; BLOB_BYTES_MAX + 1]).is_err());
    let file = std::fs::File::create(folder.path().join(digest.to_string())).unwrap();
    file.set_len(1 << 40).unwrap();
    assert!(blobs.get(digest).unwrap_err().to_string().contains("more than"));
}

#[test]
fn a_link_is_not_followed() {
    let folder = tempfile::tempdir().unwrap();
    let digest = Digest([7; 32]);
    std::os::unix::fs::symlink("/etc/passwd", folder.path().join(digest.to_string())).unwrap();
    let error = Blobs::at(folder.path()).get(digest).unwrap_err();
    assert!(error.to_string().contains("not a plain file"), "{error}");
}
