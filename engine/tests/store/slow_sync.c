/* Preloaded into the crash test's child: every sync to disk takes longer, which widens the moments a kill can hit. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/types.h>
#include <unistd.h>

static void delay(void) {
    static long micros = -1;
    if (micros < 0) {
        const char *set = getenv("RIALTO_SYNC_DELAY_US");
        micros = set ? atol(set) : 0;
    }
    if (micros > 0) usleep((useconds_t)micros);
}

int fsync(int fd) {
    static int (*next)(int);
    if (!next) next = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
    delay();
    return next(fd);
}

int fdatasync(int fd) {
    static int (*next)(int);
    if (!next) next = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
    delay();
    return next(fd);
}

int msync(void *address, size_t length, int flags) {
    static int (*next)(void *, size_t, int);
    if (!next) next = (int (*)(void *, size_t, int))dlsym(RTLD_NEXT, "msync");
    delay();
    return next(address, length, flags);
}

int sync_file_range(int fd, off_t offset, off_t bytes, unsigned int flags) {
    static int (*next)(int, off_t, off_t, unsigned int);
    if (!next) next = (int (*)(int, off_t, off_t, unsigned int))dlsym(RTLD_NEXT, "sync_file_range");
    delay();
    return next(fd, offset, bytes, flags);
}
