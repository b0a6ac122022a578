#include "worker/frame.h"

#include <gtest/gtest.h>

#include <random>

#include "worker/protocol.h"

namespace tenfold {
namespace {

std::string frame_of(const Json& message) { return encode_frame(message).value(); }

std::string raw_frame(const std::string& body) {
  const auto length = static_cast<std::uint32_t>(body.size());
  std::string frame;
  for (int i = 0; i < 4; ++i) frame += static_cast<char>(length >> (8 * i));
  return frame + body;
}

/// The error of a reader given these bytes.
Error refusal(const std::string& bytes) {
  FrameReader reader;
  reader.push(bytes);
  const auto frame = reader.next();
  EXPECT_FALSE(frame.ok());
  if (frame.ok()) return {};
  EXPECT_EQ(reader.next().error().message, frame.error().message) << "an error stays";
  return frame.error();
}

TEST(Frame, LengthIsLittleEndian) {
  const std::string frame = frame_of({{"type", "x"}});
  EXPECT_EQ(frame, std::string("\x08\0\0\0\xA1\x64type\x61x", 12));
}

TEST(Frame, SurvivesAnyCut) {
  const Json messages[] = {{{"type", "a"}, {"text", std::string(1000, 'x')}},
                           {{"type", "b"}, {"numbers", {1, -2, 0.5, ~0ULL}}},
                           {{"type", "c"}, {"bytes", "\xFF\xC3"}}};
  std::string stream;
  for (int round = 0; round < 20; ++round) {
    for (const Json& message : messages) stream += frame_of(message);
  }
  std::mt19937 random(1);
  for (const std::size_t most : {std::size_t{1}, std::size_t{7}, std::size_t{3000}}) {
    FrameReader reader;
    std::size_t seen = 0;
    for (std::size_t at = 0; at < stream.size();) {
      const std::size_t size = 1 + random() % most;
      reader.push(std::string_view(stream).substr(at, size));
      at += size;
      for (;;) {
        const auto frame = reader.next();
        ASSERT_TRUE(frame.ok());
        if (!frame->has_value()) break;
        EXPECT_EQ(**frame, messages[seen % 3]);
        ++seen;
      }
    }
    EXPECT_EQ(seen, 60U);
  }
}

TEST(Frame, RefusesWhatIsNotAMessage) {
  EXPECT_EQ(refusal(std::string(4, '\0')).code, ErrorCode::protocol);
  EXPECT_NE(refusal("\xFF\xFF\xFF\xFF").message.find("4294967295 bytes"), std::string::npos);
  EXPECT_NE(refusal(std::string("\1\0\0\4", 4)).message.find("67108865 bytes"), std::string::npos);
  EXPECT_EQ(refusal(raw_frame("\xFF")).code, ErrorCode::protocol);
  EXPECT_EQ(refusal(raw_frame("\x61")).code, ErrorCode::protocol) << "cut text";
  EXPECT_EQ(refusal(raw_frame("\x80")).code, ErrorCode::protocol) << "an array";
  EXPECT_EQ(refusal(raw_frame("\xA0")).code, ErrorCode::protocol) << "no type";
  EXPECT_EQ(refusal(raw_frame("\xA1\x64type\x01")).code, ErrorCode::protocol) << "type 1";
  EXPECT_EQ(refusal(raw_frame("\xA1\x64type\x61x.")).code, ErrorCode::protocol) << "more after";
  EXPECT_EQ(refusal(raw_frame("\x9B\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF")).code, ErrorCode::protocol)
      << "an array of 2^64 - 1";
}

TEST(Frame, DepthIsBounded) {
  EXPECT_EQ(refusal(raw_frame(std::string(1 << 20, '\x81'))).code, ErrorCode::protocol);
  Json deep = 1;
  for (int i = 1; i < protocol::max_depth; ++i) deep = Json::array({deep});
  FrameReader reader;
  reader.push(frame_of({{"type", "x"}, {"deep", deep}}));
  EXPECT_TRUE(reader.next().ok());
  reader.push(frame_of({{"type", "x"}, {"deep", Json::array({deep})}}));
  EXPECT_FALSE(reader.next().ok());
}

/// Of a message with a byte changed, and of bytes without any sense.
TEST(Frame, WhatIsTakenIsAMessageAndTheRestABreach) {
  const std::string proper = frame_of({{"type", "x"}, {"numbers", {1, 300, 0.5}}, {"text", "abc"}});
  std::mt19937 random(2);
  int taken = 0;
  int refused = 0;
  for (int round = 0; round < 4000; ++round) {
    std::string body = proper.substr(4);
    if (round % 2 == 0) {
      body[random() % body.size()] = static_cast<char>(random());
    } else {
      body.resize(1 + random() % 40);
      for (char& byte : body) byte = static_cast<char>(random());
    }
    FrameReader reader;
    reader.push(raw_frame(body));
    const auto frame = reader.next();
    if (!frame.ok()) {
      ++refused;
      EXPECT_EQ(frame.error().code, ErrorCode::protocol);
      EXPECT_FALSE(reader.next().ok()) << "an error stays";
      continue;
    }
    ++taken;
    ASSERT_TRUE(frame->has_value()) << "the frame was whole";
    EXPECT_TRUE((**frame)["type"].is_string());
    FrameReader again;
    again.push(frame_of(**frame));
    EXPECT_EQ(frame_of(again.next()->value()), frame_of(**frame));
  }
  EXPECT_GT(taken, 100);
  EXPECT_GT(refused, 2000);
}

TEST(Frame, TooLargeAMessageIsNotSent) {
  const auto frame =
      encode_frame({{"type", "x"}, {"text", std::string(protocol::max_frame_bytes, 'x')}});
  ASSERT_FALSE(frame.ok());
  EXPECT_EQ(frame.error().code, ErrorCode::invalid_argument);
}

TEST(Frame, FieldsThatAreAbsentAreNull) {
  const Json message{{"type", "x"}};
  EXPECT_EQ(field(message, "type"), "x");
  EXPECT_TRUE(field(message, "id").is_null());
}

}  // namespace
}  // namespace tenfold
