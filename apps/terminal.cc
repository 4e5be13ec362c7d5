#include "apps/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

namespace catwalk::apps {
namespace {

constexpr int kDefaultColumns = 80;

}  // namespace

int TerminalColumns(int fd) {
  if (isatty(fd) == 0) return 0;
  winsize size{};
  return ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : kDefaultColumns;
}

}  // namespace catwalk::apps
