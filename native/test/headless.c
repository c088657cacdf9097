/*
 * A process whose main thread has ended while another lives on.
 */
#include <pthread.h>
#include <unistd.h>

static void *live(void *arg)
{
	for (;;)
		pause();
	return arg;
}

int main(void)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, live, NULL) != 0)
		return 1;
	pthread_exit(NULL);
}
