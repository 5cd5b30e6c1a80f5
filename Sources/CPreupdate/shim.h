// SQLite's header declares the hook that is called before a row changes only where this is defined. Debian's library has it.
#define SQLITE_ENABLE_PREUPDATE_HOOK 1
#include <sqlite3.h>
