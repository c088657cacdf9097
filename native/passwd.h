/*
 * A passwd file (passwd(5)).
 */
#ifndef TSOCI_PASSWD_H
#define TSOCI_PASSWD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Is it the user's line? Then "HOME=directory" is in home. */
bool home_of_line(const char *line, uint64_t uid, char *home, size_t room);

/* The same of the first line that is, in the first MiB of a file. */
bool find_home(int file, uint64_t uid, char *home, size_t room);

#endif
