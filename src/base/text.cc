#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <climits>
#include <clocale>
#include <cwchar>
#include <cwctype>

namespace tenfold {

std::string lower_case(std::string_view text) {
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(), [](char letter) {
    return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
  });
  return lower;
}

std::string fold_case(std::string_view text) {
  static const locale_t unicode = ::newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
  if (unicode == nullptr) return lower_case(text);
  const locale_t before = ::uselocale(unicode);
  std::string folded;
  folded.reserve(text.size());
  while (!text.empty()) {
    wchar_t letter = 0;
    std::mbstate_t state{};
    const std::size_t bytes = std::mbrtowc(&letter, text.data(), text.size(), &state);
    if (bytes == 0 || bytes > text.size()) {  // a zero, or no UTF-8
      folded += text.front();
      text.remove_prefix(1);
      continue;
    }
    std::array<char, MB_LEN_MAX> encoded{};
    state = {};
    const auto lower =
        static_cast<wchar_t>(std::towlower(std::towupper(static_cast<std::wint_t>(letter))));
    folded.append(encoded.data(), std::wcrtomb(encoded.data(), lower, &state));
    text.remove_prefix(bytes);
  }
  ::uselocale(before);
  return folded;
}

std::string size_text(std::uint64_t bytes) {
  if (bytes < 1024) return fmt::format("{} B", bytes);
  double value = static_cast<double>(bytes) / 1024;
  const char* unit = "KiB";
  for (const char* larger : {"MiB", "GiB", "TiB"}) {
    if (value < 1000) break;
    value /= 1024;
    unit = larger;
  }
  return fmt::format("{:.{}f} {}", value, value < 10 ? 1 : 0, unit);
}

}  // namespace tenfold
