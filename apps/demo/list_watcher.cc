#include "apps/demo/list_watcher.h"

#include "schemas/codec.h"

namespace catwalk::apps {

Result<std::unique_ptr<ListWatcher>> ListWatcher::Open(streams::Log& log, const std::string& topic) {
  auto watcher = std::make_unique<ListWatcher>();
  ASSIGN_OR_RETURN(const auto ends, log.EndOffsets({topic}, streams::Isolation::kReadCommitted));
  ASSIGN_OR_RETURN(watcher->reader_, log.OpenReader());
  RETURN_IF_ERROR(watcher->reader_->Assign(ends));
  return watcher;
}

Status ListWatcher::Poll(std::chrono::milliseconds max_wait, const std::function<void(const schemas::Recommendation&)>& take) {
  records_.clear();
  RETURN_IF_ERROR(reader_->Poll(max_wait, 1 << 20, &records_));
  schemas::Recommendation list;
  for (const auto& record : records_) {
    list.Clear();
    if (!schemas::Decode(record.value, &list)) take(list);
  }
  return Status::Ok();
}

}  // namespace catwalk::apps
