// The program that `tenfold serve` and `tenfold app` become.
#include <string>
#include <vector>

#include "cli/cli.h"
#include "serve/serve_command.h"

int main(int count, char** arguments) {
  return tenfold::run_cli(
      std::vector<std::string>(arguments + (count > 0 ? 1 : 0), arguments + count),
      tenfold::serve_command);
}
