// From the bytes of tokens, cut anywhere, to whole UTF-8 characters.
#pragma once

#include <string>
#include <string_view>

namespace tenfold {

/// What comes out is always well-formed UTF-8. An unfinished character is held back until its other
/// bytes arrive; each ill-formed part becomes one U+FFFD ("maximal subparts", The Unicode Standard
/// 15.0, section 3.9, table 3-7), wherever the input is cut. A value type.
class Utf8Assembler {
 public:
  std::string push(std::string_view bytes);
  /// The end of the text: U+FFFD for an unfinished character.
  std::string finish();

 private:
  std::string held_;
};

}  // namespace tenfold
