/* System calls that JavaScript has no function for. Each returns a negative errno when it fails. */
#ifndef TSOCI_LIBTSOCI_H
#define TSOCI_LIBTSOCI_H

int tsoci_memory_file(const char *name);
long long tsoci_namespace_relation(const char *path, int parent);
long long tsoci_namespace_owner_uid(const char *path);
int tsoci_lock(const char *dir);

#endif
