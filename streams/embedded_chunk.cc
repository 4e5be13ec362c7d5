#include "streams/embedded_chunk.h"

#include <bit>
#include <utility>

#include "base/hash.h"
#include "streams/embedded_bytes.h"

namespace catwalk::streams {
namespace {

// Row: format, checksum, then what the checksum covers: the header's other fields, the records.
constexpr char kFormat = 1;
constexpr size_t kChecksumAt = 1;
constexpr size_t kFieldsAt = 9;
constexpr size_t kBodyAt = 41;
constexpr size_t kBaseOffsetAt = 8;

// Flags of a record.
constexpr unsigned kTombstone = 1;
constexpr unsigned kHasHeaders = 2;

// The key takes part, so that a row found in another's place does not pass; the body's share is known before the place.
uint64_t Checksum(std::string_view chunk_key, std::string_view fields, uint64_t body_hash) {
  std::string placed(chunk_key);
  placed.append(fields);
  return Hash64(placed) ^ std::rotl(body_hash, 1);
}

void WriteHeader(std::string_view chunk_key, const ChunkHeader& header, uint64_t body_hash, std::string* row) {
  std::string fields;
  AppendBigEndian(header.appended_at_ms, &fields);
  AppendBigEndian(header.bytes_before, &fields);
  AppendBigEndian(header.base_timestamp_ms, &fields);
  AppendBigEndian(header.offsets, &fields);
  AppendBigEndian(header.count, &fields);
  (*row)[0] = kFormat;
  StoreBigEndian(Checksum(chunk_key, fields, body_hash), kChecksumAt, row);
  row->replace(kFieldsAt, fields.size(), fields);
}

bool ChecksumFits(std::string_view chunk_key, std::string_view row) {
  const std::string_view fields = row.substr(kFieldsAt, kBodyAt - kFieldsAt);
  return ReadBigEndian<uint64_t>(row, kChecksumAt) == Checksum(chunk_key, fields, Hash64(row.substr(kBodyAt)));
}

// Wraps around instead of overflowing: a timestamp is whatever the producer wrote.
int64_t WrappingSum(int64_t a, int64_t b) {
  return static_cast<int64_t>(static_cast<uint64_t>(a) + static_cast<uint64_t>(b));
}

int64_t WrappingDifference(int64_t a, int64_t b) {
  return static_cast<int64_t>(static_cast<uint64_t>(a) - static_cast<uint64_t>(b));
}

void AppendBytes(std::string_view bytes, std::string* out) {
  AppendVarint(bytes.size(), out);
  out->append(bytes);
}

bool ReadBytes(std::string_view from, size_t* at, std::string_view* bytes) {
  uint64_t size = 0;
  if (!ReadVarint(from, at, &size) || size > from.size() - *at) return false;
  *bytes = from.substr(*at, size);
  *at += size;
  return true;
}

bool SkipHeaders(std::string_view body, size_t* at, ChunkRecord* record) {
  if (!ReadVarint(body, at, &record->header_count)) return false;
  const size_t begin = *at;
  std::string_view skipped;
  for (uint64_t i = 0; i < 2 * record->header_count; ++i) {
    if (!ReadBytes(body, at, &skipped)) return false;
  }
  record->header_bytes = body.substr(begin, *at - begin);
  return true;
}

bool ReadRecord(std::string_view body, size_t* at, ChunkRecord* record) {
  const size_t begin = *at;
  uint64_t offset_delta = 0;
  uint64_t time_delta = 0;
  uint64_t flags = 0;
  if (!ReadVarint(body, at, &offset_delta) || !ReadVarint(body, at, &time_delta) || !ReadVarint(body, at, &flags) ||
      !ReadBytes(body, at, &record->key) || !ReadBytes(body, at, &record->value)) {
    return false;
  }
  record->offset = static_cast<int64_t>(offset_delta);
  record->timestamp_ms = UnZigZag(time_delta);
  record->tombstone = (flags & kTombstone) != 0;
  record->header_count = 0;
  record->header_bytes = {};
  if ((flags & kHasHeaders) != 0 && !SkipHeaders(body, at, record)) return false;
  record->encoded = body.substr(begin, *at - begin);
  return true;
}

Status DamagedAt(std::string_view topic, int32_t partition, int64_t offset, std::string_view what) {
  return {Code::kCorruption, "topic \"" + std::string(topic) + "\", partition " + std::to_string(partition) +
                                 ", records from offset " + std::to_string(offset) + ": " + std::string(what) +
                                 "; restore the state folder from a copy, or delete it and replay the events"};
}

}  // namespace

std::string ChunkKey(uint32_t topic_id, int32_t partition, int64_t base_offset) {
  std::string key;
  AppendBigEndian(topic_id, &key);
  AppendBigEndian(partition, &key);
  AppendBigEndian(base_offset, &key);
  return key;
}

int64_t BaseOffsetOfKey(std::string_view chunk_key) { return ReadBigEndian<int64_t>(chunk_key, kBaseOffsetAt); }

bool ChunkHeader::Read(std::string_view row, ChunkHeader* header) {
  if (row.size() < kBodyAt || row[0] != kFormat) return false;
  header->appended_at_ms = ReadBigEndian<int64_t>(row, kFieldsAt);
  header->bytes_before = ReadBigEndian<uint64_t>(row, kFieldsAt + 8);
  header->base_timestamp_ms = ReadBigEndian<int64_t>(row, kFieldsAt + 16);
  header->offsets = ReadBigEndian<uint32_t>(row, kFieldsAt + 24);
  header->count = ReadBigEndian<uint32_t>(row, kFieldsAt + 28);
  return true;
}

ChunkBuilder::ChunkBuilder() : row_(kBodyAt, '\0') {}

void ChunkBuilder::Add(const schemas::OutgoingRecord& record, int64_t timestamp_ms) {
  if (header_.count == 0) header_.base_timestamp_ms = timestamp_ms;
  AppendVarint(header_.offsets++, &row_);
  AppendVarint(ZigZag(WrappingDifference(timestamp_ms, header_.base_timestamp_ms)), &row_);
  AppendVarint((record.tombstone ? kTombstone : 0) | (record.headers.empty() ? 0 : kHasHeaders), &row_);
  AppendBytes(record.key, &row_);
  AppendBytes(record.tombstone ? std::string_view() : record.value, &row_);
  if (!record.headers.empty()) AppendVarint(record.headers.size(), &row_);
  for (const auto& [name, value] : record.headers) {
    AppendBytes(name, &row_);
    AppendBytes(value, &row_);
  }
  ++header_.count;
}

void ChunkBuilder::Seal(std::string_view chunk_key, int64_t appended_at_ms, uint64_t bytes_before) {
  if (hashed_count_ != header_.count) body_hash_ = Hash64(std::string_view(row_).substr(kBodyAt));
  hashed_count_ = header_.count;
  header_.appended_at_ms = appended_at_ms;
  header_.bytes_before = bytes_before;
  WriteHeader(chunk_key, header_, body_hash_, &row_);
}

EmbeddedChunk::EmbeddedChunk(std::shared_ptr<const std::string> topic, int32_t partition, int64_t base_offset,
                             std::string row)
    : topic_(std::move(topic)), partition_(partition), base_offset_(base_offset), row_(std::move(row)) {
  ChunkHeader::Read(row_, &header_);
}

Result<EmbeddedChunk::Ptr> EmbeddedChunk::Open(std::shared_ptr<const std::string> topic, int32_t partition,
                                               std::string_view chunk_key, std::string_view row) {
  ChunkHeader header;
  const int64_t base = BaseOffsetOfKey(chunk_key);
  if (!ChunkHeader::Read(row, &header)) return DamagedAt(*topic, partition, base, "not in a format known here");
  if (!ChecksumFits(chunk_key, row)) return DamagedAt(*topic, partition, base, "the checksum does not fit");
  return Ptr(std::make_shared<EmbeddedChunk>(std::move(topic), partition, base, std::string(row)));
}

Result<bool> EmbeddedChunk::Next(size_t* at, ChunkRecord* record) const {
  const std::string_view body = std::string_view(row_).substr(kBodyAt);
  if (*at >= body.size()) return false;
  if (!ReadRecord(body, at, record)) return Damaged("a record cannot be read");
  record->offset += base_offset_;
  record->timestamp_ms = WrappingSum(record->timestamp_ms, header_.base_timestamp_ms);
  return true;
}

std::vector<schemas::Header> EmbeddedChunk::Headers(const ChunkRecord& record) {
  std::vector<schemas::Header> headers;
  headers.reserve(record.header_count);
  size_t at = 0;
  for (uint64_t i = 0; i < record.header_count; ++i) {
    std::string_view name;
    std::string_view value;
    ReadBytes(record.header_bytes, &at, &name);  // SkipHeaders has seen that they are there
    ReadBytes(record.header_bytes, &at, &value);
    headers.emplace_back(name, value);
  }
  return headers;
}

Result<std::string> EmbeddedChunk::Without(std::string_view chunk_key,
                                           const std::function<bool(const ChunkRecord& record)>& keep) const {
  std::string row(kBodyAt, '\0');
  ChunkHeader header = header_;
  header.count = 0;
  ChunkRecord record;
  for (size_t at = 0;;) {
    ASSIGN_OR_RETURN(const bool more, Next(&at, &record));
    if (!more) break;
    if (!keep(record)) continue;
    row.append(record.encoded);
    ++header.count;
  }
  WriteHeader(chunk_key, header, Hash64(std::string_view(row).substr(kBodyAt)), &row);
  return row;
}

Status EmbeddedChunk::Damaged(std::string_view what) const {
  return DamagedAt(*topic_, partition_, base_offset_, what);
}

}  // namespace catwalk::streams
