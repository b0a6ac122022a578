// The tenfold program.
#include <string>
#include <vector>

#include "cli/cli.h"

int main(int count, char** arguments) {
  return tenfold::run_cli(
      std::vector<std::string>(arguments + (count > 0 ? 1 : 0), arguments + count));
}
