#include "cli/server_program.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/paths.h"

namespace tenfold {

Result<ExitCode> become_server_program(const std::string& command,
                                       const std::vector<std::string>& given) {
  std::vector<std::string> words{helper_program("tenfold-server").string()};
  if (words[0].empty()) {
    return fail(
        ErrorCode::unavailable,
        "the program tenfold-server, which answers over HTTP, is not beside this one",
        fmt::format("install Tenfold again; in a checkout `./tenfold {}` builds it", command));
  }
  words.insert(words.end(), given.begin(), given.end());
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  ::execv(words[0].c_str(), arguments.data());
  return fail(ErrorCode::unavailable,
              fmt::format("cannot run {}: {}", words[0], std::strerror(errno)),
              "install Tenfold again");
}

}  // namespace tenfold
