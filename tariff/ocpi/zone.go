// SPDX-License-Identifier: Apache-2.0

package ocpi

import "strings"

// Zone returns the name of the zone of c's location, as of the IANA database:
// its time_zone, else that of its country where all of the country keeps one
// time; false where neither says. The name is for the caller to load, or not to
// know: a time_zone is given back as it stands.
func (c *CDR) Zone() (name string, ok bool) {
	if c.TimeZone != "" {
		return c.TimeZone, true
	}
	return CountryZone(c.Country)
}

// CountryZone returns the zone of a country, by its ISO 3166 code of three
// letters as OCPI writes it, where all of the country has kept one time since
// 2015; false for others. China is Asia/Shanghai, its only legal time.
func CountryZone(country string) (name string, ok bool) {
	if len(country) != 3 {
		return "", false
	}
	_, rest, ok := strings.Cut(" "+zones, " "+country+"=")
	name, _, _ = strings.Cut(rest, " ")
	return name, ok
}

// zones lists "country=zone" from the zone.tab of the IANA database.
const zones = "" +
	"AFG=Asia/Kabul ALB=Europe/Tirane AND=Europe/Andorra ARE=Asia/Dubai " +
	"ARG=America/Argentina/Buenos_Aires ARM=Asia/Yerevan ATG=America/Antigua AUT=Europe/Vienna " +
	"AZE=Asia/Baku BDI=Africa/Bujumbura BEL=Europe/Brussels BEN=Africa/Porto-Novo " +
	"BGD=Asia/Dhaka BGR=Europe/Sofia BHR=Asia/Bahrain BHS=America/Nassau " +
	"BIH=Europe/Sarajevo BLR=Europe/Minsk BLZ=America/Belize BOL=America/La_Paz " +
	"BRB=America/Barbados BRN=Asia/Brunei BTN=Asia/Thimphu BWA=Africa/Gaborone " +
	"CAF=Africa/Bangui CHE=Europe/Zurich CHN=Asia/Shanghai CIV=Africa/Abidjan " +
	"CMR=Africa/Douala COG=Africa/Brazzaville COL=America/Bogota CPV=Atlantic/Cape_Verde " +
	"CRI=America/Costa_Rica CUB=America/Havana CZE=Europe/Prague DEU=Europe/Berlin " +
	"DJI=Africa/Djibouti DMA=America/Dominica DNK=Europe/Copenhagen DOM=America/Santo_Domingo " +
	"DZA=Africa/Algiers EGY=Africa/Cairo ERI=Africa/Asmara EST=Europe/Tallinn " +
	"ETH=Africa/Addis_Ababa FIN=Europe/Helsinki FJI=Pacific/Fiji FRA=Europe/Paris " +
	"FRO=Atlantic/Faroe GAB=Africa/Libreville GBR=Europe/London GEO=Asia/Tbilisi " +
	"GGY=Europe/Guernsey GHA=Africa/Accra GIB=Europe/Gibraltar GIN=Africa/Conakry " +
	"GMB=Africa/Banjul GNQ=Africa/Malabo GRC=Europe/Athens GRD=America/Grenada " +
	"GTM=America/Guatemala GUY=America/Guyana HKG=Asia/Hong_Kong HND=America/Tegucigalpa " +
	"HRV=Europe/Zagreb HTI=America/Port-au-Prince HUN=Europe/Budapest IMN=Europe/Isle_of_Man " +
	"IND=Asia/Kolkata IRL=Europe/Dublin IRN=Asia/Tehran IRQ=Asia/Baghdad " +
	"ISL=Atlantic/Reykjavik ISR=Asia/Jerusalem ITA=Europe/Rome JAM=America/Jamaica " +
	"JEY=Europe/Jersey JOR=Asia/Amman JPN=Asia/Tokyo KEN=Africa/Nairobi " +
	"KGZ=Asia/Bishkek KHM=Asia/Phnom_Penh KOR=Asia/Seoul KWT=Asia/Kuwait " +
	"LAO=Asia/Vientiane LBN=Asia/Beirut LBR=Africa/Monrovia LBY=Africa/Tripoli " +
	"LCA=America/St_Lucia LIE=Europe/Vaduz LKA=Asia/Colombo LSO=Africa/Maseru " +
	"LTU=Europe/Vilnius LUX=Europe/Luxembourg LVA=Europe/Riga MAC=Asia/Macau " +
	"MAR=Africa/Casablanca MCO=Europe/Monaco MDA=Europe/Chisinau MDG=Indian/Antananarivo " +
	"MDV=Indian/Maldives MKD=Europe/Skopje MLI=Africa/Bamako MLT=Europe/Malta " +
	"MMR=Asia/Yangon MNE=Europe/Podgorica MOZ=Africa/Maputo MRT=Africa/Nouakchott " +
	"MUS=Indian/Mauritius MWI=Africa/Blantyre MYS=Asia/Kuala_Lumpur NAM=Africa/Windhoek " +
	"NER=Africa/Niamey NGA=Africa/Lagos NIC=America/Managua NLD=Europe/Amsterdam " +
	"NOR=Europe/Oslo NPL=Asia/Kathmandu OMN=Asia/Muscat PAK=Asia/Karachi " +
	"PAN=America/Panama PER=America/Lima PHL=Asia/Manila POL=Europe/Warsaw " +
	"PRI=America/Puerto_Rico PRK=Asia/Pyongyang PRY=America/Asuncion QAT=Asia/Qatar " +
	"REU=Indian/Reunion ROU=Europe/Bucharest RWA=Africa/Kigali SAU=Asia/Riyadh " +
	"SDN=Africa/Khartoum SEN=Africa/Dakar SGP=Asia/Singapore SLE=Africa/Freetown " +
	"SLV=America/El_Salvador SMR=Europe/San_Marino SOM=Africa/Mogadishu SRB=Europe/Belgrade " +
	"SSD=Africa/Juba SUR=America/Paramaribo SVK=Europe/Bratislava SVN=Europe/Ljubljana " +
	"SWE=Europe/Stockholm SWZ=Africa/Mbabane SYC=Indian/Mahe SYR=Asia/Damascus " +
	"TCD=Africa/Ndjamena TGO=Africa/Lome THA=Asia/Bangkok TJK=Asia/Dushanbe " +
	"TKM=Asia/Ashgabat TTO=America/Port_of_Spain TUN=Africa/Tunis TUR=Europe/Istanbul " +
	"TWN=Asia/Taipei TZA=Africa/Dar_es_Salaam UGA=Africa/Kampala URY=America/Montevideo " +
	"UZB=Asia/Samarkand VAT=Europe/Vatican VEN=America/Caracas VNM=Asia/Ho_Chi_Minh " +
	"YEM=Asia/Aden ZAF=Africa/Johannesburg ZMB=Africa/Lusaka ZWE=Africa/Harare "
