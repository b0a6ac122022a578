#include "workers.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace tenfold {

std::vector<pid_t> running_workers() {
  std::vector<pid_t> workers;
  std::error_code gone;
  for (const auto& entry : std::filesystem::directory_iterator("/proc", gone)) {
    const std::string name = entry.path().filename();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    // "pid (program) state parent …", the program cut to 15 characters
    std::ifstream file(entry.path() / "stat");
    std::string id;
    std::string program;
    std::string state;
    pid_t parent = 0;
    file >> id >> program >> state >> parent;
    if (parent == ::getpid() && state != "Z" && program.starts_with("(tenfold-engine")) {
      workers.push_back(std::stoi(name));
    }
  }
  return workers;
}

}  // namespace tenfold
