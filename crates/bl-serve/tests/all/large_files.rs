//! A folder may hold files that are larger than any adapter.

use std::fs::File;

use crate::adapters::Small;
use crate::support::Service;

#[tokio::test]
async fn a_file_that_is_too_large_for_an_adapter_is_skipped() {
    let service = Service::new(&[("a", Small::number(1).file())]);
    let large = File::create(service.path("backbone.safetensors")).unwrap();
    large.set_len(bl_core::MAX_ADAPTER_BYTES + 1).unwrap(); // a hole: it takes no room on the disk
    assert!(service.server.load_folder().is_ok());
    assert!(service.version("a").await.is_some() && service.version("backbone").await.is_none());
    let index = service.index("{}").await;
    let [_, _, state, reason] = &index[1];
    assert!(state == "UNAVAILABLE" && reason.contains("bytes"), "{index:?}");
}
