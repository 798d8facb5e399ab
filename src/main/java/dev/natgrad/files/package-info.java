/** Files that are replaced as a whole or not at all. */
package dev.natgrad.files;
