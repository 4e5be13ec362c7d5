#pragma once

namespace catwalk::apps {

/// The width of the terminal behind a file descriptor; 0 if it is none.
int TerminalColumns(int fd);

}  // namespace catwalk::apps
