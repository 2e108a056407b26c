//! The `rialto` program: arguments, then configuration, then the engine.

// Many small allocations from many threads: measurably faster than the system's.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    rialto_engine::cli::run()
}
