/** The command line: parses, delegates, and says what happened. */
package dev.natgrad.cli;
