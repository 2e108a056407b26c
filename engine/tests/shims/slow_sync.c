/* Preloaded into a child of a test: every sync to disk takes longer. How much longer, in microseconds, says
 * RIALTO_SYNC_DELAY_US, or at every sync anew the file that SHIM_SYNC_DELAY_FILE names. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/types.h>
#include <unistd.h>

static long micros_now(void) {
    const char *path = getenv("SHIM_SYNC_DELAY_FILE");
    if (!path) {
        const char *set = getenv("RIALTO_SYNC_DELAY_US");
        return set ? atol(set) : 0;
    }
    char text[32] = {0};
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return 0;
    ssize_t count = read(fd, text, sizeof text - 1);
    close(fd);
    return count > 0 ? atol(text) : 0;
}

/* Slept in short pieces, so that a disk that hung is well again at once when the file says so. */
static void delay(void) {
    const long piece = 20000;
    long slept = 0;
    for (;;) {
        long left = micros_now() - slept;
        if (left <= 0) return;
        long now = left < piece ? left : piece;
        usleep((useconds_t)now);
        slept += now;
    }
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
