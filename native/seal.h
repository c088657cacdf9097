#ifndef TSOCI_SEAL_H
#define TSOCI_SEAL_H

/* A memfd with what is in the file, sealed and close-on-exec; -1 with errno. */
int sealed_copy(int file, const char *name);

#endif
