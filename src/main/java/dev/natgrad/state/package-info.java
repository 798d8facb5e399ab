/**
 * What an object must keep so that its work can be resumed: a description, walked both to save and
 * to restore. Knows no file.
 */
package dev.natgrad.state;
