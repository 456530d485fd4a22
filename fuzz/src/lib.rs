//! What the targets share: a limit on memory, and bytes as a file.
use std::alloc::{GlobalAlloc, Layout, System};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// The most that a reader may ask for in one piece for an input of some kilobytes.
const LIMIT: usize = 16 << 20;

struct Limited;

// SAFETY: every call is handed on to the system's allocator as it is, or not at all.
unsafe impl GlobalAlloc for Limited {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        within(layout.size());
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        within(size);
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Limited = Limited;

/// Ends the process, which the fuzzer takes for a crash, if a piece of memory is too large.
fn within(size: usize) {
    if size > LIMIT {
        std::process::abort();
    }
}

/// A file with these bytes, in memory where the system has such a folder.
pub fn file(name: &str, bytes: &[u8]) -> PathBuf {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    let folder = FOLDER.get_or_init(|| {
        let memory = Path::new("/dev/shm");
        let parent = if memory.is_dir() {
            memory.to_owned()
        } else {
            std::env::temp_dir()
        };
        let folder = parent.join(format!("numgrad-fuzz-{}", std::process::id()));
        fs::create_dir_all(&folder).expect("a folder for the inputs can be made");
        folder
    });
    let path = folder.join(name);
    fs::write(&path, bytes).expect("an input can be written");
    path
}
