// Whoever computes the parts of something at the same time.
#pragma once

#include <cstddef>

namespace tenfold::kernels {

class Threads {
 public:
  virtual ~Threads() = default;

  [[nodiscard]] virtual std::size_t size() const = 0;

  /// Calls task(index, worker) for each index below `tasks`, each once, in any order and at the
  /// same time; returns when all are done. `worker` is below size(), and no two calls at one time
  /// have the same. Tasks don't throw, and use no threads themselves.
  template <typename Task>
  void run(std::size_t tasks, const Task& task) {
    share({[](const void* what, std::size_t index, std::size_t worker) noexcept {
             (*static_cast<const Task*>(what))(index, worker);
           },
           &task, tasks});
  }

 protected:
  struct Job {
    void (*call)(const void* what, std::size_t index, std::size_t worker) noexcept = nullptr;
    const void* what = nullptr;
    std::size_t tasks = 0;
  };

  virtual void share(const Job& job) = 0;
};

}  // namespace tenfold::kernels
