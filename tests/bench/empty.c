// SPDX-License-Identifier: MIT
/* empty.c - the least that a program costs. */

int main(void)
{
	return 0;
}
