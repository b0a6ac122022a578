#include "worker/testing/mutator.h"

#include <unistd.h>

#include <limits>
#include <random>
#include <vector>

#include "engine/table.h"
#include "worker/frame.h"
#include "worker/protocol.h"

namespace tenfold {
namespace {

using Random = std::mt19937_64;

std::size_t below(Random& random, std::size_t count) { return random() % count; }

Json nested(int depth) {
  Json json = 1;
  for (int i = 0; i < depth; ++i) json = i % 2 == 0 ? Json::array({json}) : Json{{"a", json}};
  return json;
}

/// A value of any type, most of them at the edge of what readers expect.
Json odd_value(Random& random) {
  switch (below(random, 16)) {
    case 0:
      return nullptr;
    case 1:
      return true;
    case 2:
      return -1;
    case 3:
      return std::numeric_limits<std::uint64_t>::max();
    case 4:
      return std::numeric_limits<std::int64_t>::min();
    case 5:
      return std::numeric_limits<double>::quiet_NaN();
    case 6:
      return std::numeric_limits<double>::infinity();
    case 7:
      return "";
    case 8:
      return "\xFF\xC0 not UTF-8";
    case 9:
      return std::string(10'000, 'x');
    case 10:
      return Json::binary({1, 2, 3});
    case 11:
      return Json::array();
    case 12:
      return Json::object();
    case 13:
      return Json::array({1, "two", nullptr});
    case 14:
      return nested(static_cast<int>(1 + below(random, 60)));
    default:
      return 1e300;
  }
}

Json answer_value() {
  Answer answer;
  answer.text = "text";
  answer.reasoning = "thought";
  answer.tokens = {1, 2};
  answer.logprobs = {{1, "a", -0.5, {{1, "a", -0.5, {}}, {2, "\xFF", -1, {}}}}};
  answer.tool_calls = {{"id", "name", "{}"}};
  return to_json(answer);
}

Json prompt_value() {
  return {{"text", "prompt"},
          {"tokens", {1, 2}},
          {"pieces", {Json::binary({'a'}), Json::binary({0xFF})}}};
}

Json embeddings_value() {
  return Json::array({{{"values", Json::binary({0, 0, 0x80, 0x3F})}, {"tokens", 1}}});
}

/// One proper frame of every kind.
Json any_frame(std::uint64_t id, Random& random) {
  Delta delta{"text", "thought", {1}, {{1, "a", -0.5, {{2, "b", -1, {}}}}}, {{"i", "n", "{}"}}};
  const Json frames[] = {
      proper_hello(),
      {{"type", "begun"}, {"id", id}},
      {{"type", "pong"}, {"id", id}},
      {{"type", "progress"}, {"id", id}, {"value", 0.5}},
      {{"type", "progress"}, {"id", id}, {"prompt", to_json(PromptProgress{1, 2, 0})}},
      {{"type", "delta"}, {"id", id}, {"delta", to_json(delta)}},
      {{"type", "error"}, {"id", id}, {"error", to_json(fail(ErrorCode::busy, "m", "h"))}},
      proper_end("load", id),
      proper_end("generate", id),
      proper_end("score", id),
      proper_end("prepare", id),
      proper_end("embed", id),
      {{"type", "part"}, {"id", id}, {"value", embeddings_value()}},
  };
  return frames[below(random, std::size(frames))];
}

/// Every value in the tree, the root last.
void collect(Json& json, std::vector<Json*>& out) {
  if (json.is_structured()) {
    for (Json& child : json) collect(child, out);
  }
  out.push_back(&json);
}

void change_value(Json& frame, Random& random) {
  std::vector<Json*> values;
  collect(frame, values);
  Json& value = *values[below(random, values.size())];
  if (value.is_object() && !value.empty() && below(random, 2) == 0) {
    auto field = value.begin();
    std::advance(field, static_cast<std::ptrdiff_t>(below(random, value.size())));
    value.erase(field);
  } else if (value.is_object() && below(random, 2) == 0) {
    value[below(random, 2) == 0 ? "unknown" : "\xFF"] = odd_value(random);
  } else {
    value = odd_value(random);
  }
}

void change_id(Json& frame, std::uint64_t id, Random& random) {
  const Json ids[] = {0, id + 1, id - 1, -1, 0.5, std::numeric_limits<std::uint64_t>::max(), "1"};
  frame["id"] = ids[below(random, std::size(ids))];
}

void change_type(Json& frame, Random& random) {
  const Json types[] = {"hello", "begun", "pong", "progress", "delta",    "done",
                        "error", "load",  "",     "\xFF",     "generate", 7};
  frame["type"] = types[below(random, std::size(types))];
}

std::string with_length(std::string body, std::size_t length) {
  std::string frame;
  for (int i = 0; i < 4; ++i) frame += static_cast<char>(length >> (8 * i));
  return frame + std::move(body);
}

std::string change_bytes(std::string frame, Random& random) {
  const std::string body = frame.substr(4);
  switch (below(random, 8)) {
    case 0:  // cut, and said so
      return with_length(body.substr(0, body.size() / 2), body.size() / 2);
    case 1:  // some bytes are others
      for (std::size_t i = 0; i < 1 + frame.size() / 20; ++i) {
        frame[4 + below(random, body.size())] = static_cast<char>(random());
      }
      return frame;
    case 2: {
      // The last one's end does not come.
      const std::size_t lengths[] = {0, protocol::max_frame_bytes + 1, 0xFFFFFFFF,
                                     body.size() + 10'000};
      return with_length(body, lengths[below(random, 64) == 0 ? 3 : below(random, 3)]);
    }
    case 3:  // the rest of the body is taken for a frame
      return with_length(body, body.size() / 2);
    case 4: {  // deeper than any stack
      std::string deep(100'000, below(random, 2) == 0 ? '\x81' : '\xA1');
      const std::size_t length = deep.size();
      return with_length(std::move(deep), length);
    }
    case 5: {  // lengths inside that memory does not have
      constexpr const char* heads[] = {"\x9B", "\xBB", "\x7B", "\x5B"};
      const std::string huge = heads[below(random, 4)] + std::string(7, '\x7F') + "\x01";
      return with_length("\xA2\x64type" + huge + body, 6 + huge.size() + body.size());
    }
    case 6: {
      std::string noise(1 + below(random, 200), '\0');
      for (char& byte : noise) byte = static_cast<char>(random());
      return with_length(noise, noise.size());
    }
    default: {
      std::string twice = frame;
      twice.insert(4 + below(random, body.size()), body.substr(below(random, body.size())));
      return with_length(twice.substr(4), twice.size() - 4);
    }
  }
}

}  // namespace

Json proper_hello() {
  Capabilities can;
  can.engine = "llama_cpp";
  can.version = "1";
  can.formats = {"gguf"};
  for (const auto option : core_request_options()) can.request_options.emplace_back(option);
  can.score = can.embeddings = can.resumes = true;
  can.options = {{"size", std::int64_t{1}, "A size.", {}, 0, 9}};
  return {{"type", "hello"},
          {"protocol", protocol::version},
          {"version", "1"},
          {"pid", ::getpid()},
          {"capabilities", to_json(can)}};
}

Json proper_end(const std::string& type, std::uint64_t id) {
  Json value = type == "load"       ? to_json(ModelInfo{})
               : type == "generate" ? answer_value()
               : type == "score"    ? Json::array({-0.5})
               : type == "prepare"  ? prompt_value()
                                    : embeddings_value();
  return {{"type", "done"}, {"id", id}, {"value", std::move(value)}};
}

std::string mutated_frame(std::uint64_t id, std::uint64_t seed) {
  Random random(seed);
  Json frame = any_frame(id, random);
  switch (below(random, 8)) {
    case 0:
      change_id(frame, id, random);
      break;
    case 1:
      change_type(frame, random);
      break;
    case 2:
    case 3:
      return change_bytes(encode_frame(frame).value(), random);
    default:
      for (std::size_t i = 0; i <= below(random, 3); ++i) {
        if (frame.is_object()) change_value(frame, random);
      }
  }
  return encode_frame(frame).value();
}

}  // namespace tenfold
