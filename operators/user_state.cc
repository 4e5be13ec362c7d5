#include "operators/user_state.h"

#include <algorithm>
#include <numeric>

#include "operators/byte_coding.h"

namespace catwalk::operators {
namespace {

constexpr uint8_t kVersion = 3;

// An interaction's head is one varint: its time against the one before, whether a magnitude follows, and its kind. Events of
// one user follow each other closely, so most heads take two or three bytes.
constexpr unsigned kKindBits = 4;
constexpr unsigned kHeadBits = kKindBits + 1;
constexpr uint64_t kMagnitudeBit = 1U << kKindBits;

// Wraps on purpose: any two times can follow each other.
int64_t Difference(int64_t a, int64_t b) { return static_cast<int64_t>(static_cast<uint64_t>(a) - static_cast<uint64_t>(b)); }
int64_t Sum(int64_t a, int64_t b) { return static_cast<int64_t>(static_cast<uint64_t>(a) + static_cast<uint64_t>(b)); }

constexpr size_t kMostInteractionBytes = kMostVarintBytes + sizeof(models::Interaction::design) + sizeof(models::Interaction::magnitude);

// The head holds 59 bits of time difference: 18 million years. Returns where it ends.
char* EncodeInteraction(const models::Interaction& interaction, int64_t previous_ms, char* to) {
  const uint64_t head = ByteWriter::ZigzagOf(Difference(interaction.at_ms, previous_ms)) << kHeadBits;
  const uint64_t magnitude = interaction.magnitude == 0 ? 0 : kMagnitudeBit;
  to = PutVarint(head | magnitude | static_cast<uint64_t>(interaction.kind), to);
  to = PutFixed(interaction.design, to);
  return magnitude == 0 ? to : PutFixed(interaction.magnitude, to);
}

// Most of a state, so the string is made long enough first and cut afterwards.
void EncodeHistory(std::span<const models::Interaction> history, std::string* out) {
  ByteWriter(out).Varint(history.size());
  const size_t start = out->size();
  out->resize(start + history.size() * kMostInteractionBytes);
  char* end = out->data() + start;
  int64_t previous_ms = 0;
  for (const auto& interaction : history) {
    end = EncodeInteraction(interaction, previous_ms, end);
    previous_ms = interaction.at_ms;
  }
  out->resize(static_cast<size_t>(end - out->data()));
}

models::Interaction DecodeInteraction(int64_t previous_ms, ByteReader* reader) {
  models::Interaction interaction;
  const uint64_t head = reader->Varint();
  interaction.kind = static_cast<models::InteractionKind>(head & (kMagnitudeBit - 1));
  interaction.at_ms = Sum(previous_ms, ByteReader::ZigzagTo(head >> kHeadBits));
  interaction.design = reader->Fixed<models::DesignKey>();
  if ((head & kMagnitudeBit) != 0) interaction.magnitude = reader->Fixed<float>();
  return interaction;
}

void EncodeActivity(const UserState& user, ByteWriter* writer) {
  size_t kinds = kActivityKinds;
  while (kinds > 0 && user.activity_seconds[kinds - 1] == 0) --kinds;
  writer->Varint(kinds);
  for (size_t i = 0; i < kinds; ++i) writer->Varint(user.activity_seconds[i]);
}

// Which parts of a UserFit follow.
constexpr uint8_t kHasSizes = 1, kHasMeasures = 2;

void EncodeFit(const models::UserFit& fit, ByteWriter* writer) {
  writer->Fixed(static_cast<uint8_t>((fit.HasOwnSizes() ? kHasSizes : 0) | (fit.measured ? kHasMeasures : 0)));
  if (fit.HasOwnSizes()) {
    for (const auto& sizes : fit.sizes) {
      writer->Varint(sizes.count);
      writer->Fixed(sizes.sum);
    }
  }
  if (fit.measured) writer->Array(fit.measures.data(), fit.measures.size());
}

void DecodeFit(ByteReader* reader, models::UserFit* fit) {
  const auto parts = reader->Fixed<uint8_t>();
  if ((parts & kHasSizes) != 0) {
    for (auto& sizes : fit->sizes) {
      sizes.count = static_cast<uint32_t>(reader->Varint());
      sizes.sum = reader->Fixed<float>();
    }
  }
  fit->measured = (parts & kHasMeasures) != 0;
  if (fit->measured) reader->Array(fit->measures.data(), fit->measures.size());
}

void EncodeSize(const models::Size& size, ByteWriter* writer) {
  writer->Fixed(static_cast<uint8_t>(size.scale));
  writer->Fixed(size.number);
}

/// False if the scale is none that this program knows.
bool DecodeSize(ByteReader* reader, models::Size* size) {
  const auto scale = reader->Fixed<uint8_t>();
  *size = {static_cast<models::SizeScale>(scale), reader->Fixed<float>()};
  return scale < models::kSizeScales;
}

void EncodeTaken(const TakenSize& taken, ByteWriter* writer) {
  writer->Fixed(taken.event);
  writer->Fixed(taken.design);
  EncodeSize(taken.size, writer);
}

bool DecodeTaken(ByteReader* reader, TakenSize* taken) {
  taken->event = reader->Fixed<uint64_t>();
  taken->design = reader->Fixed<models::DesignKey>();
  return DecodeSize(reader, &taken->size);
}

void EncodeSaid(const SaidFit& said, ByteWriter* writer) {
  writer->Fixed(said.design);
  EncodeSize(said.size, writer);
  writer->Fixed(static_cast<uint8_t>(said.fit));
}

bool DecodeSaid(ByteReader* reader, SaidFit* said) {
  said->design = reader->Fixed<models::DesignKey>();
  const bool known = DecodeSize(reader, &said->size);
  const auto fit = reader->Fixed<uint8_t>();
  said->fit = static_cast<models::Fit>(fit);
  return known && fit < models::kFits;
}

template <class T>
void DecodeArray(ByteReader* reader, std::vector<T>* values) {
  values->resize(reader->Count(sizeof(T)));
  reader->Array(values->data(), values->size());
}

}  // namespace

void UserStateSerde::Encode(const UserState& user, std::string* out) const {
  out->reserve(out->size() + 16 + 8 * (user.seen.size() + user.bought.size()) + 14 * user.history.size());
  ByteWriter writer(out);
  writer.Fixed(kVersion);
  writer.Varint(user.seen.size());
  writer.Array(user.seen.data(), user.seen.size());
  writer.Varint(user.bought.size());
  writer.Array(user.bought.data(), user.bought.size());
  writer.Varint(user.groups.size());
  writer.Array(user.groups.data(), user.groups.size());
  EncodeActivity(user, &writer);
  EncodeHistory(user.history, out);
  EncodeFit(user.fit, &writer);
  writer.Varint(user.taken.size());
  for (const auto& taken : user.taken) EncodeTaken(taken, &writer);
  writer.Varint(user.said.size());
  for (const auto& said : user.said) EncodeSaid(said, &writer);
}

Status UserStateSerde::Decode(std::string_view bytes, UserState* user) const {
  ByteReader reader(bytes);
  *user = {};
  if (const auto version = reader.Fixed<uint8_t>(); version != kVersion) {
    return {Code::kIncompatible, "user state has format " + std::to_string(version) + ", this program reads " +
                                     std::to_string(kVersion) + "; use the version that wrote it"};
  }
  DecodeArray(&reader, &user->seen);
  DecodeArray(&reader, &user->bought);
  DecodeArray(&reader, &user->groups);
  const size_t kinds = reader.Count(1);
  if (kinds > kActivityKinds) return {Code::kCorruption, "user state names unknown activity kinds"};
  for (size_t i = 0; i < kinds; ++i) user->activity_seconds[i] = reader.Varint();
  user->history.resize(reader.Count(9));
  int64_t previous_ms = 0;
  for (auto& interaction : user->history) {
    interaction = DecodeInteraction(previous_ms, &reader);
    previous_ms = interaction.at_ms;
  }
  DecodeFit(&reader, &user->fit);
  user->taken.resize(reader.Count(21));
  for (auto& taken : user->taken)
    if (!DecodeTaken(&reader, &taken)) return {Code::kCorruption, "user state names an unknown scale of sizes"};
  user->said.resize(reader.Count(14));
  for (auto& said : user->said)
    if (!DecodeSaid(&reader, &said)) return {Code::kCorruption, "user state names an unknown scale of sizes or fit"};
  if (!reader.ok() || !reader.AtEnd()) return {Code::kCorruption, "user state is damaged"};
  return Status::Ok();
}

void LatestDesigns(std::span<const models::Interaction> history, size_t limit, std::vector<models::DesignKey>* designs) {
  designs->clear();
  for (auto at = history.rbegin(); at != history.rend() && designs->size() < limit; ++at) {
    if (std::find(designs->begin(), designs->end(), at->design) == designs->end()) designs->push_back(at->design);
  }
}

std::array<double, kActivityKinds> ActivityShares(const UserState& user) {
  std::array<double, kActivityKinds> shares{};
  const auto& seconds = user.activity_seconds;
  const double total = std::accumulate(seconds.begin(), seconds.end(), 0.0,
                                       [](double sum, uint64_t t) { return sum + static_cast<double>(t); });
  if (total <= 0) return shares;
  for (size_t i = 0; i < kActivityKinds; ++i) shares[i] = static_cast<double>(seconds[i]) / total;
  return shares;
}

}  // namespace catwalk::operators
