// What a bundle of LiteRT says of its text, in whichever message it says it: LlmMetadata of a
// .litertlm, LlmParameters of a .task.
#pragma once

#include <array>
#include <span>
#include <string>
#include <vector>

#include "formats/description.h"
#include "formats/protobuf.h"
#include "tenfold/request.h"

namespace tenfold {

/// No text in a bundle's metadata is longer, in bytes.
constexpr std::uint64_t longest_bundle_text = 1 << 20;

struct BundleMetadata {
  std::string architecture;   ///< the family the file names, e.g. "gemma3"; may be "generic"
  std::string chat_template;  ///< Jinja; made from prefixes and suffixes where the file has those
  std::string start_text;     ///< the first token as text, or empty
  TokenId start_id = -1;      ///< or as an id
  std::vector<TokenId> stop_ids;
  std::vector<std::string> stop_texts;
  Sampling sampling;  ///< what sampler_params recommends
};

/// What stands before and after a message.
struct Affixes {
  std::string prefix;
  std::string suffix;
};

/// A prompt as prefixes and suffixes.
struct PromptAffixes {
  std::string session;  ///< before the first message
  Affixes user;
  Affixes model;
  Affixes system;
};

/// Reads PromptTemplates, whose fields 1 to 3 are the roles; those of a role are its prefix, which
/// is field `prefix_field`, and its suffix, the next. bad_model if it is damaged.
Result<void> read_roles(const ProtobufMessage& message, int prefix_field, PromptAffixes& affixes);

/// A Jinja template that puts each message between its role's prefix and suffix; where a system
/// message has neither, it opens the turn of the user after it.
std::string affix_template(const PromptAffixes& affixes);

/// The text side of a description, of the bundle `model.path`.
void add_metadata(const BundleMetadata& metadata, ModelDescription& model);

/// "; not used: mtp_drafter, vision_encoder" of the names of a bundle's further parts, for
/// ModelDescription::details; empty without any. What has no plain name is left out.
std::string unused_parts(std::span<const std::string> names);

}  // namespace tenfold
