// tenfold compile: the library of a model of MLC-LLM for this processor.
#include <fmt/format.h>

#include "cli/command.h"
#include "cli/interrupts.h"
#include "service/mlc_compiler.h"

namespace tenfold {

Result<ExitCode> compile_command(CommandContext& context) {
  Console& console = context.console;
  Interrupts interrupts;
  CompilerWatch watch;
  watch.cancelled = [&] { return interrupts.take(); };
  watch.on_step = [&](const std::string& line) { console.note(line); };
  watch.show_output = !console.json();
  const CompiledLibrary library = TRY(compile_mlc_model(context.store, context.words[0], watch));
  if (console.json()) {
    console.object({{"library", library.path.string()}, {"level", library.level}});
  } else {
    console.line(fmt::format("compiled for {}: {}", library.level, library.path.string()));
  }
  return ExitCode::ok;
}

}  // namespace tenfold
