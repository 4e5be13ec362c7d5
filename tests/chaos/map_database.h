#pragma once

#include <deque>
#include <map>
#include <string>
#include <string_view>

#include "state/database.h"

namespace catwalk::chaos {

/// Stores that are plain maps, written and read by one thread: what the oracle's operators keep their state in. Not state's own, which
/// is under test.
class MapDatabase final : public state::Database {
 public:
  Result<uint32_t> OpenStore(std::string_view name) override;
  const state::KeyValueStore& Store(uint32_t store) const override { return stores_[store]; }
  Status Write(const state::WriteBatch& batch, bool sync) override;
  Stats GetStats() const override { return {}; }

  const std::map<std::string, std::string>& RowsOf(const std::string& name);

 private:
  class Map final : public state::KeyValueStore {
   public:
    explicit Map(std::string_view called) : name(called) {}
    Result<bool> Get(std::string_view key, std::string* value) const override;
    Status Scan(std::string_view begin, std::string_view end, const Visit& visit) const override;
    Result<bool> Last(std::string_view begin, std::string_view end, std::string* key, std::string* value) const override;

    const std::string name;
    std::map<std::string, std::string> rows;
  };
  class Writer;

  std::deque<Map> stores_;
};

}  // namespace catwalk::chaos
