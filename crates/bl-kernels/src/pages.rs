//! A large zeroed buffer, on huge pages where the system has them. Outside Linux it comes from the allocator.

use std::alloc::{Layout, alloc_zeroed, dealloc};
use std::ops::{Deref, DerefMut};
use std::ptr::NonNull;

use crate::error::Error;

/// From this size on, memory is mapped directly and huge pages are asked for.
const MAPPED: usize = 4 << 20;
const CACHE_LINE: usize = 64;

/// Zeroed `u16`s. The cache of a training run is gigabytes, read in random row order: with 4 KiB pages
/// the first touch alone costs a page fault per 2048 values, and every row misses the TLB.
pub(crate) struct Pages {
    start: NonNull<u16>,
    len: usize,
    layout: Layout,
}

// SAFETY: `Pages` owns its memory like a `Vec<u16>`; access is through `&` and `&mut`.
unsafe impl Send for Pages {}
// SAFETY: as above.
unsafe impl Sync for Pages {}

impl Pages {
    pub(crate) fn zeroed(len: usize) -> Result<Self, Error> {
        let bytes = len.saturating_mul(size_of::<u16>());
        let layout = Layout::from_size_align(bytes.max(CACHE_LINE), CACHE_LINE)
            .map_err(|_| Error::OutOfMemory { bytes })?;
        let start = if is_mapped(layout) {
            map(layout.size())
        } else {
            // SAFETY: the size is not zero.
            NonNull::new(unsafe { alloc_zeroed(layout) })
        };
        let start = start.ok_or(Error::OutOfMemory { bytes })?.cast();
        Ok(Self { start, len, layout })
    }
}

/// Asks the allocator to keep large blocks that are freed instead of returning each to the system, for the rest of the
/// process. candle allocates every intermediate tensor anew: with tensors of tens of megabytes most of a training
/// step would be page faults (32,000 units, fully trained: 1.18 s per step without this, 0.69 s with it). Does nothing
/// where the allocator is not glibc's.
pub fn keep_freed_memory() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    {
        const NEVER: libc::c_int = libc::c_int::MAX;
        // SAFETY: `mallopt` takes two integers and changes the allocator's policy, no memory.
        unsafe {
            libc::mallopt(libc::M_MMAP_MAX, 0);
            libc::mallopt(libc::M_TRIM_THRESHOLD, NEVER);
            libc::mallopt(libc::M_TOP_PAD, 64 << 20);
        }
    }
}

fn is_mapped(layout: Layout) -> bool {
    cfg!(target_os = "linux") && layout.size() >= MAPPED
}

/// Zeroed memory from the kernel; not from the allocator, which would clear it page by page first.
#[cfg(target_os = "linux")]
fn map(bytes: usize) -> Option<NonNull<u8>> {
    let access = libc::PROT_READ | libc::PROT_WRITE;
    let kind = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS;
    // SAFETY: an anonymous private mapping at an address of the kernel's choice touches nothing of ours.
    let start = unsafe { libc::mmap(std::ptr::null_mut(), bytes, access, kind, -1, 0) };
    if start == libc::MAP_FAILED {
        return None;
    }
    // SAFETY: the range was just mapped; the advice changes no contents and may fail freely.
    unsafe { libc::madvise(start, bytes, libc::MADV_HUGEPAGE) };
    NonNull::new(start.cast())
}

/// # Safety
/// `start` comes from [`map`] with as many bytes, and the memory is not used any more.
#[cfg(target_os = "linux")]
unsafe fn unmap(start: NonNull<u8>, bytes: usize) {
    // SAFETY: the caller's.
    unsafe { libc::munmap(start.as_ptr().cast(), bytes) };
}

// Elsewhere nothing is mapped: neither is called.
#[cfg(not(target_os = "linux"))]
fn map(_bytes: usize) -> Option<NonNull<u8>> {
    None
}
#[cfg(not(target_os = "linux"))]
unsafe fn unmap(_start: NonNull<u8>, _bytes: usize) {}

impl Drop for Pages {
    fn drop(&mut self) {
        let (start, layout) = (self.start.cast(), self.layout);
        // SAFETY: mapped with this size or allocated with this layout, as `zeroed` decided; freed once.
        unsafe {
            if is_mapped(layout) { unmap(start, layout.size()) } else { dealloc(start.as_ptr(), layout) }
        }
    }
}

impl Deref for Pages {
    type Target = [u16];
    fn deref(&self) -> &[u16] {
        // SAFETY: `len` zero-initialised values, aligned, owned.
        unsafe { std::slice::from_raw_parts(self.start.as_ptr(), self.len) }
    }
}

impl DerefMut for Pages {
    fn deref_mut(&mut self) -> &mut [u16] {
        // SAFETY: as above, and borrowed mutably.
        unsafe { std::slice::from_raw_parts_mut(self.start.as_ptr(), self.len) }
    }
}

#[cfg(test)]
mod tests {
    use std::hint::black_box;

    use super::*;

    #[test]
    fn buffers_of_every_kind_are_zeroed_and_writable() {
        for len in [0, 1, 1000, MAPPED / 2, MAPPED] {
            let mut pages = Pages::zeroed(len).expect("a few MiB");
            assert_eq!(pages.len(), len);
            assert!(pages.iter().all(|&x| x == 0));
            pages.fill(7);
            assert!(pages.iter().all(|&x| x == 7));
        }
    }

    #[test]
    fn absurd_sizes_are_errors() {
        for len in [usize::MAX, usize::MAX / 2, usize::MAX / 5] {
            // The compiler may drop an allocation that is never read, and its failure with it.
            assert!(matches!(black_box(Pages::zeroed(len)), Err(Error::OutOfMemory { .. })));
        }
    }
}
