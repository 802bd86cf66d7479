// Two functions of the C library that its headers show only to those who ask for GNU extensions,
// which Swift's own module of it does not: pipe2(2), and posix_spawn_file_actions_addclosefrom_np
// of glibc 2.34.
#pragma once
#include <spawn.h>

int pipe2(int descriptors[2], int flags);
int posix_spawn_file_actions_addclosefrom_np(posix_spawn_file_actions_t *actions, int from);
