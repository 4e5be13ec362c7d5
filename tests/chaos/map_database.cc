#include "tests/chaos/map_database.h"

#include <iterator>

namespace catwalk::chaos {

class MapDatabase::Writer final : public state::WriteBatch::Visitor {
 public:
  explicit Writer(std::deque<Map>& stores) : stores_(stores) {}
  void Put(uint32_t store, std::string_view key, std::string_view value) override {
    stores_[store].rows[std::string(key)] = value;
  }
  void Delete(uint32_t store, std::string_view key) override { stores_[store].rows.erase(std::string(key)); }
  void DeleteRange(uint32_t store, std::string_view begin, std::string_view end) override {
    auto& rows = stores_[store].rows;
    rows.erase(rows.lower_bound(std::string(begin)), rows.lower_bound(std::string(end)));
  }

 private:
  std::deque<Map>& stores_;
};

Result<bool> MapDatabase::Map::Get(std::string_view key, std::string* value) const {
  const auto found = rows.find(std::string(key));
  if (found == rows.end()) return false;
  *value = found->second;
  return true;
}

Status MapDatabase::Map::Scan(std::string_view begin, std::string_view end, const Visit& visit) const {
  for (auto row = rows.lower_bound(std::string(begin)); row != rows.end() && (end.empty() || row->first < end); ++row) {
    if (!visit(row->first, row->second)) break;
  }
  return Status::Ok();
}

Result<bool> MapDatabase::Map::Last(std::string_view begin, std::string_view end, std::string* key, std::string* value) const {
  auto row = end.empty() ? rows.end() : rows.lower_bound(std::string(end));
  if (row == rows.begin() || (--row)->first < begin) return false;
  *key = row->first;
  *value = row->second;
  return true;
}

Result<uint32_t> MapDatabase::OpenStore(std::string_view name) {
  for (uint32_t i = 0; i < stores_.size(); ++i) {
    if (stores_[i].name == name) return i;
  }
  stores_.emplace_back(name);
  return static_cast<uint32_t>(stores_.size() - 1);
}

Status MapDatabase::Write(const state::WriteBatch& batch, bool /*sync*/) {
  Writer writer(stores_);
  batch.Visit(writer);
  return Status::Ok();
}

const std::map<std::string, std::string>& MapDatabase::RowsOf(const std::string& name) {
  return stores_[OpenStore(name).value()].rows;
}

}  // namespace catwalk::chaos
