#include "state/torn_log.h"

#include <string>
#include <utility>

#include <rocksdb/file_system.h>

namespace catwalk::state {
namespace {

class TornFile final : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  TornFile(std::unique_ptr<rocksdb::FSWritableFile> file, CrashPlan& plan)
      : FSWritableFileOwnerWrapper(std::move(file)), plan_(plan) {}

  rocksdb::IOStatus Append(const rocksdb::Slice& data, const rocksdb::IOOptions& options,
                           rocksdb::IODebugContext* context) override {
    if (plan_.IsDue(CrashPoint::kMidLocalWrite)) Tear(data, options, context);
    return target()->Append(data, options, context);
  }
  rocksdb::IOStatus Append(const rocksdb::Slice& data, const rocksdb::IOOptions& options,
                           const rocksdb::DataVerificationInfo& verification, rocksdb::IODebugContext* context) override {
    if (plan_.IsDue(CrashPoint::kMidLocalWrite)) Tear(data, options, context);
    return target()->Append(data, options, verification, context);
  }

 private:
  void Tear(const rocksdb::Slice& data, const rocksdb::IOOptions& options, rocksdb::IODebugContext* context) {
    (void)target()->Append(rocksdb::Slice(data.data(), data.size() / 2), options, context);
    plan_.Strike();
  }

  CrashPlan& plan_;
};

class TornFileSystem final : public rocksdb::FileSystemWrapper {
 public:
  explicit TornFileSystem(CrashPlan& plan) : FileSystemWrapper(rocksdb::FileSystem::Default()), plan_(plan) {}
  const char* Name() const override { return "TornFileSystem"; }

  rocksdb::IOStatus NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* file,
                                    rocksdb::IODebugContext* context) override {
    rocksdb::IOStatus status = FileSystemWrapper::NewWritableFile(name, options, file, context);
    if (status.ok() && name.ends_with(".log")) *file = std::make_unique<TornFile>(std::move(*file), plan_);
    return status;
  }

 private:
  CrashPlan& plan_;
};

}  // namespace

std::unique_ptr<rocksdb::Env> EnvWithTornLog(CrashPlan& plan) {
  return rocksdb::NewCompositeEnv(std::make_shared<TornFileSystem>(plan));
}

}  // namespace catwalk::state
