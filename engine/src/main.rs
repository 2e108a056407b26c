//! The `rialto` program: arguments, then configuration, then the engine.

fn main() -> std::process::ExitCode {
    rialto_engine::cli::run()
}
