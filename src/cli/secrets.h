// Secrets among the options: how they are shown, kept and typed. An option of the type `secret` is
// one, and so is the value of an engine option that its engine's row calls one.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/options.h"
#include "tenfold/result.h"

namespace tenfold {

/// What stands for a secret that is set.
inline constexpr std::string_view hidden_secret = "(set)";

/// The texts of an option as settings replies, outputs and errors may have them, with
/// `hidden_secret` in place of each secret.
std::vector<std::string> shown_texts(const Option& option, std::vector<std::string> texts);

/// Undoes shown_texts() where what was shown comes back: `hidden_secret` is what `stored` has
/// there. invalid_argument naming the option if nothing is stored.
Result<std::vector<std::string>> kept_texts(const Option& option, std::vector<std::string> texts,
                                            const std::vector<std::string>& stored);

/// Whether a secret stands in what was typed: typed_texts() refuses it.
bool holds_secret(const Option& option, std::string_view typed);

/// Texts that were typed on a command line, where others would see a secret: "@FILE" is the first
/// line of a file, "-" is asked for on the terminal, without echo, and one that stands there itself
/// is refused. `where` names the option in errors, which say nothing of the secret.
Result<std::vector<std::string>> typed_texts(const Option& option, const std::string& where,
                                             std::vector<std::string> texts);

/// A variable of the environment that holds a secret of an engine, and the option it stands for.
struct SecretVariable {
  std::string name;    ///< "TENFOLD_PICOLLM_ACCESS_KEY"
  std::string prefix;  ///< "picollm.access_key=", of --engine-option
};
std::vector<SecretVariable> secret_variables();

}  // namespace tenfold
