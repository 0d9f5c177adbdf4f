/* SPDX-License-Identifier: MIT */
/* generator.h - what azfilesctl is by its other name. */
#ifndef AZF_GENERATOR_H
#define AZF_GENERATOR_H

#define GENERATOR_NAME "azfiles-generator"

/**
 * generator_main() - write the units for the azfiles lines of fstab
 * @argc: as for main(), of which it takes the place
 * @argv: the directories of systemd.generator(7)
 *
 * Return: the exit status.
 */
int generator_main(int argc, char **argv);

#endif
