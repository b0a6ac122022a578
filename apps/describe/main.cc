// The locked child that reads the headers of untrusted model files: tenfold-describe PATH.
#include "formats/untrusted.h"

int main(int count, char** arguments) {
  if (count != 2) return 2;
  tenfold::describe_locked(arguments[1]);
}
