# SPDX-License-Identifier: GPL-3.0-or-later
# headkv_embed_text(TARGET NAME FILE): gives TARGET a function `std::string_view NAME()` in namespace headkv::resources
# that returns the text of FILE. Declare it where it is used. core has no Qt, so it cannot read the .qrc.
function(headkv_embed_text target name file)
  get_filename_component(path "${file}" ABSOLUTE)
  file(READ "${path}" text)
  set(source "${CMAKE_CURRENT_BINARY_DIR}/${name}.cpp")
  file(CONFIGURE OUTPUT "${source}" @ONLY CONTENT
"#include <string_view>
namespace headkv::resources { std::string_view @name@(); std::string_view @name@() { return R\"headkv~(@text@)headkv~\"; } }
")
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${path}")
  target_sources(${target} PRIVATE "${source}")
endfunction()
